import { afterEach, beforeEach, expect, test } from 'vitest';
import { colors } from './ColorSender.ts';
import { VideoRoom } from './VideoRoom.ts';
import { isNear } from './Viewer.ts';

const { red, green, blue, yellow } = colors;
let room: VideoRoom;

beforeEach(() => {
  room = new VideoRoom();
});

afterEach(() => room.close());

test('everyone is seen in his own tile, in all sizes and codecs', () => {
  const people = [
    room.join('vp8', { color: red }),
    room.join('h264', { color: green, codec: 'H264' }),
    room.join('another', { color: blue }),
  ];
  const rungs = [...room.ladder('VP8').viewers, ...room.ladder('H264').viewers];
  room.run(45);
  expect(rungs.map(({ height }) => height)).toEqual([180, 360, 720, 180, 360, 720]);
  for (const viewer of rungs) {
    for (const [index, color] of [red, green, blue].entries())
      expect(isNear(room.colorOf(people[index], viewer), color)).toBe(true);
  }
});

test('a phone on stage sees everyone but itself', () => {
  room.join('browser', { color: red });
  const phone = room.join('phone', { color: green, kind: 'phone', codec: 'H264' });
  const other = room.join('other', { color: blue, kind: 'phone' });
  room.ladder('VP8');
  room.run(45);
  expect(phone.viewer?.seen()).toEqual(['red', 'blue']);
  expect(other.viewer?.seen()).toEqual(['red', 'green']);
});

test('a phone never sees itself while others come, go and speak', () => {
  const phone = room.join('phone', { color: green, kind: 'phone', codec: 'H264' });
  const one = room.join('one', { color: red });
  room.ladder('VP8');
  room.run(30);
  room.join('two', { color: blue });
  for (const speaker of ['two', 'phone', 'one']) {
    room.engine.setSpeaking('room', [speaker]);
    for (let frames = 0; frames < 30; frames += 5) {
      room.run(5);
      expect(phone.viewer?.seen()).not.toContain('green');
    }
  }
  room.leave(one);
  room.run(30);
  expect(phone.viewer?.seen()).toEqual(['blue']);
});

test('without a budget a phone gets the shared picture', () => {
  room.setPicture({ encodeBudget: 0 });
  room.join('browser', { color: red });
  const phone = room.join('phone', { color: green, kind: 'phone', codec: 'H264' });
  room.run(45);
  expect(phone.viewer?.seen()).toEqual(['red', 'green']);
  expect(room.engine.stats().views).toBe(1);
});

test('with a budget for one the phone that speaks is the one that does not see itself', () => {
  room.setPicture({ encodeBudget: 1, layout: '2x2' });
  const one = room.join('one', { color: green, kind: 'phone' });
  const two = room.join('two', { color: red, kind: 'phone' });
  room.engine.setSpeaking('room', ['two']);
  room.run(75);
  expect(one.viewer?.seen()).toEqual(['red', 'green']);
  expect(two.viewer?.seen()).toEqual(['green']);
});

test('who would fill the picture gets the alternate one, in which the one before him is seen', () => {
  room.setPicture({ layout: '1:0' });
  room.join('one', { color: red });
  room.join('two', { color: green });
  const shared = room.ladder('VP8').viewers[2];
  const alternate = room.ladder('VP8', 'alternate').viewers[0];
  room.engine.setSpeaking('room', ['one']);
  room.run(45);
  room.engine.setSpeaking('room', ['two']);
  room.run(75);
  expect(room.stage).toMatchObject({ layout: '1:0', alternateFor: 'two' });
  expect(shared?.seen()).toEqual(['green']);
  expect(alternate?.seen()).toEqual(['red']);
});

test('a phone that would fill the picture does not see itself either, whatever the budget', () => {
  room.setPicture({ layout: '1:0', encodeBudget: 0 });
  room.join('browser', { color: red });
  const phone = room.join('phone', { color: green, kind: 'phone', codec: 'H264' });
  room.engine.setSpeaking('room', ['phone']);
  room.run(75);
  expect(room.stage?.alternateFor).toBe('phone');
  expect(phone.viewer?.seen()).toEqual(['red']);
});

test('the spotlight is seen alone, whoever speaks', () => {
  room.setSpotlight('one');
  room.join('one', { color: red });
  room.join('two', { color: green });
  room.join('three', { color: blue });
  const viewer = room.ladder('VP8').viewers[1];
  room.engine.setSpeaking('room', ['two']);
  room.run(75);
  expect(viewer?.seen()).toEqual(['red']);
  expect(room.stage).toMatchObject({ layout: 'auto', tiles: [{ legId: 'one' }] });
  room.setSpotlight(undefined);
  room.run(45);
  expect(viewer?.seen()).toEqual(['red', 'green', 'blue']);
});

test('who is alone is welcomed, and sees others as soon as they come', () => {
  const phone = room.join('phone', { color: green, kind: 'phone' });
  room.run(10);
  expect(phone.viewer?.frames).toBeGreaterThan(0);
  expect(phone.viewer?.seen()).toEqual([]);
  expect(room.stage?.tiles).toEqual([]);
  room.join('other', { color: yellow });
  room.run(45);
  expect(phone.viewer?.seen()).toEqual(['yellow']);
});

test('a view can be had as a JPEG, and one that is not there cannot', () => {
  room.join('one', { color: red });
  room.join('two', { color: green });
  room.run(5);
  const jpeg = room.engine.snapshot('room', 'shared');
  expect([...jpeg.subarray(0, 2), ...jpeg.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
  expect(() => room.engine.snapshot('room', 'two')).toThrow(/no view two/);
  expect(() => room.engine.snapshot('elsewhere', 'shared')).toThrow(/no picture/);
});
