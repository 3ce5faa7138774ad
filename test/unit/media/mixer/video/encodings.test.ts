import { afterEach, beforeEach, expect, test } from 'vitest';
import { colors } from './ColorSender.ts';
import { VideoRoom } from './VideoRoom.ts';

const { red, green, blue } = colors;
let room: VideoRoom;

beforeEach(() => {
  room = new VideoRoom();
});

afterEach(() => room.close());

test('there are as many encoders as views, codecs and rungs, however many look on', () => {
  room.join('browser', { color: red });
  room.ladder('VP8');
  room.ladder('H264');
  for (let number = 0; number < 10; number += 1)
    room.join(`phone ${number}`, { kind: 'phone', codec: 'H264' });
  room.run(3);
  expect(room.engine.stats()).toMatchObject({ views: 1, ladders: 2, encoders: { VP8: 3, H264: 3 } });
});

test('phones alone get the rungs that they can have, and no others are encoded', () => {
  room.join('small', { kind: 'phone', codec: 'H264', maxHeight: 360 });
  const slow = room.join('slow', {
    kind: 'phone',
    codec: 'H264',
    maxHeight: 720,
    maxBitrate: 200_000,
  });
  room.join('browser', { color: red });
  room.run(3);
  expect(room.engine.stats()).toMatchObject({ views: 1, ladders: 1, encoders: { VP8: 0, H264: 2 } });
  expect(slow.viewer?.height).toBe(180);
});

test('a room that nobody looks at is not composed', () => {
  room.join('one', { color: red });
  room.join('two', { color: green });
  room.run(10);
  expect(room.engine.stats()).toMatchObject({ views: 0, framesComposed: 0, decoders: 0, ladders: 0 });
  expect(room.wanted).toEqual([
    ['one', 'camera', 0],
    ['two', 'camera', 0],
  ]);
});

test('what was encoded for somebody ends when he has left', () => {
  room.join('browser', { color: red });
  const phone = room.join('phone', { color: green, kind: 'phone' });
  const other = room.join('other', { color: blue, kind: 'phone', codec: 'H264' });
  room.run(30);
  expect(room.engine.stats().views).toBe(2);
  room.leave(phone);
  room.leave(other);
  room.run(1);
  expect(room.engine.stats()).toMatchObject({ views: 0, encoders: { VP8: 0, H264: 0 } });
});

test('one who comes late gets a picture with his first frame', () => {
  room.join('one', { color: red });
  room.join('two', { color: green });
  room.ladder('VP8');
  room.run(30);
  const late = room.join('late', { kind: 'phone' });
  room.run(1);
  expect(late.viewer).toMatchObject({ frames: 1, keyFrames: 1 });
});

test('a phone goes from one picture to another at a key frame, and its stream has no gap', () => {
  room.setPicture({ encodeBudget: 1 });
  room.join('browser', { color: red });
  const one = room.join('one', { color: green, kind: 'phone' });
  const two = room.join('two', { color: blue, kind: 'phone' });
  room.run(45);
  for (const speaker of ['two', 'one', 'two']) {
    room.engine.setSpeaking('room', [speaker]);
    room.run(80);
  }
  for (const { viewer } of [one, two]) {
    const { sequences = [], timestamps = [], keyFrames = 0 } = viewer ?? {};
    expect(keyFrames).toBeGreaterThan(2);
    sequences.slice(1).forEach((sequence, index) => {
      expect((sequence - (sequences[index] ?? 0)) & 0xffff).toBe(1);
    });
    timestamps.slice(1).forEach((timestamp, index) => {
      expect((timestamp - (timestamps[index] ?? 0)) >>> 0).toBeGreaterThan(0);
      expect((timestamp - (timestamps[index] ?? 0)) >>> 0).toBeLessThan(90_000);
    });
  }
});

test('many who ask for a key frame get one together', () => {
  room.join('one', { color: red });
  room.join('two', { color: green });
  const phones = [1, 2, 3, 4].map((number) => room.join(`phone ${number}`, { kind: 'phone' }));
  room.run(30);
  const before = phones.map(({ viewer }) => viewer?.keyFrames ?? 0);
  for (let frame = 0; frame < 12; frame += 1) {
    for (const { viewer } of phones) room.requestKeyFrame(viewer);
    room.run(1);
  }
  room.run(15);
  expect(phones.map(({ viewer }, index) => (viewer?.keyFrames ?? 0) - (before[index] ?? 0))).toEqual([
    2, 2, 2, 2,
  ]);
});

test('rungs without a viewer come now and then, and at once in full for who asks', () => {
  room.join('one', { color: red });
  room.join('two', { color: green });
  const { config, viewers } = room.ladder('VP8');
  room.run(10);
  room.engine.setDemand(config.id, [false, false, true]);
  const before = viewers.map(({ frames }) => frames);
  room.run(60);
  const [low = 0, middle = 0, high = 0] = viewers.map(({ frames }, index) => frames - (before[index] ?? 0));
  expect([low, middle]).toEqual([10, 10]);
  expect(high).toBe(60);
  room.requestKeyFrame(viewers[0]);
  const { frames = 0, keyFrames = 0 } = viewers[0] ?? {};
  room.run(15);
  expect(viewers[0]?.frames).toBe(frames + 15);
  expect(viewers[0]?.keyFrames).toBe(keyFrames + 1);
});

test('a ladder that nobody watches is kept alive with a frame a second', () => {
  room.join('one', { color: red });
  room.join('two', { color: green });
  const { config, viewers } = room.ladder('VP8');
  room.run(10);
  room.engine.setDemand(config.id, [false, false, false]);
  const before = viewers.map(({ frames }) => frames);
  room.run(90);
  expect(viewers.map(({ frames }, index) => frames - (before[index] ?? 0))).toEqual([3, 3, 3]);
});

test('a picture in which nothing moves is sent at a sixth of the rate', () => {
  const phone = room.join('phone', { kind: 'phone' });
  room.run(10);
  const { frames = 0 } = phone.viewer ?? {};
  room.run(60);
  expect(phone.viewer?.frames).toBe(frames + 10);
});

test('each stream begins with a report and has one every second', () => {
  room.join('one', { color: red });
  room.join('two', { color: green });
  const { viewers } = room.ladder('VP8');
  room.run(1);
  expect(viewers.map(({ reports }) => reports)).toEqual([1, 1, 1]);
  room.run(91);
  expect(viewers.map(({ reports }) => reports)).toEqual([4, 4, 4]);
});

test('no packet is longer than a network carries', () => {
  room.join('one', { color: red });
  room.join('two', { color: green });
  const viewers = [...room.ladder('VP8').viewers, ...room.ladder('H264').viewers];
  room.run(30);
  for (const { longestPacket } of viewers) expect(longestPacket).toBeLessThanOrEqual(1200);
});

test('the frame rate of a conference is what its picture says', () => {
  room.setPicture({ frameRate: 20 });
  room.join('one', { color: red });
  const phone = room.join('phone', { color: green, kind: 'phone' });
  room.run(30);
  const { frames = 0 } = phone.viewer ?? {};
  room.run(90);
  expect(phone.viewer?.frames).toBe(frames + 60);
});

test('frames that come out late halve the rate, and room for more brings it back', () => {
  room.join('one', { color: red });
  room.join('two', { color: green });
  room.ladder('VP8');
  room.run(30);
  room.readMs = 2;
  room.run(90);
  expect(room.engine.frameRate).toBe(15);
  expect(room.engine.stats().framesLate).toBeGreaterThan(10);
  room.readMs = 0;
  room.run(400);
  expect(room.engine.frameRate).toBe(30);
});
