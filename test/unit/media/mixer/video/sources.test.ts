import { afterEach, beforeEach, expect, test } from 'vitest';
import { colors, ColorSender } from './ColorSender.ts';
import { VideoRoom, type Person } from './VideoRoom.ts';
import type { Viewer } from './Viewer.ts';

const { red, green, blue } = colors;
let room: VideoRoom;
let person: Person;
let viewer: Viewer | undefined;

beforeEach(() => {
  room = new VideoRoom();
  person = room.join('one', { color: red });
  room.join('two', { color: green });
  const { config, viewers } = room.ladder('VP8');
  room.engine.setDemand(config.id, [true, false, false]);
  viewer = viewers[0];
  room.run(30);
});

afterEach(() => room.close());

test('a camera that sends nothing any more is shown as off within two seconds', () => {
  expect(viewer?.seen()).toEqual(['red', 'green']);
  if (person.sender !== undefined) person.sender.sending = false;
  room.run(60);
  expect(viewer?.seen()).toEqual(['green']);
});

test('a camera that is switched off is shown as off at once, and on again with its first picture', () => {
  const { camera, ...off } = person.config;
  room.engine.setVideoLeg(off);
  room.run(8);
  expect(viewer?.seen()).toEqual(['green']);
  room.change({ ...person, config: off }, camera === undefined ? {} : { camera });
  room.run(12);
  expect(viewer?.seen()).toEqual(['red', 'green']);
});

test('a person may come back with another codec', () => {
  person.sender?.close();
  person.sender = new ColorSender(77, 'H264', blue);
  room.change(person, { camera: person.sender.inbound });
  room.run(15);
  expect(viewer?.seen()).toEqual(['green', 'blue']);
  expect(room.asked).toContain(77);
});

test('after a loss a key frame is asked for, and then once a second until it comes', () => {
  const { sender } = person;
  if (sender === undefined) throw new Error('no camera');
  const ssrc = sender.inbound.ssrc;
  sender.deaf = true;
  room.asked.length = 0;
  sender.packets(room.wallMs);
  room.run(90);
  const asked = room.asked.filter((one) => one === ssrc).length;
  expect(asked).toBeGreaterThanOrEqual(2);
  expect(asked).toBeLessThanOrEqual(4);
  sender.deaf = false;
  room.run(45);
  expect(viewer?.seen()).toEqual(['red', 'green']);
});

test('how large a camera is needed is told: more at once, less when it lasts', () => {
  expect(room.wanted.filter(([legId]) => legId === 'one').at(-1)?.[2]).toBeGreaterThan(300);
  room.wanted.length = 0;
  for (let number = 0; number < 7; number += 1) room.join(`guest ${number}`);
  room.run(30);
  expect(room.wanted.filter(([legId]) => legId === 'one')).toEqual([]);
  room.run(45);
  const last = room.wanted.filter(([legId]) => legId === 'one').at(-1)?.[2] ?? 0;
  expect(last).toBeGreaterThan(200);
  expect(last).toBeLessThan(250);
});

test('whoever is on nobody’s screen is not decoded, and is not wanted', () => {
  room.setPicture({ layout: '1:0' });
  room.engine.setSpeaking('room', ['one']);
  room.run(120);
  expect(room.wanted.at(-1)).toEqual(['two', 'camera', 0]);
  expect(room.engine.stats().decoders).toBe(1);
  room.engine.setSpeaking('room', ['two']);
  room.run(75);
  expect(viewer?.seen()).toEqual(['green']);
});

test('a picture waits for its voice', () => {
  room.engine.setVoiceDelays([{ id: 'one', delayMs: 135 }]);
  const { p50 } = room.engine.stats().latencyMs;
  expect(p50).toBeLessThan(40);
  room.run(60);
  expect(room.engine.stats().latencyMs.p99).toBeGreaterThanOrEqual(100);
  expect(room.engine.stats().latencyMs.p99).toBeLessThan(175);
});

test.each(['VP8', 'H264'] as const)('10,000 mutated packets of %s harm nobody else', (codec) => {
  const victim = new ColorSender(66, codec, blue);
  room.join('victim');
  room.engine.setVideoLeg({
    id: 'victim',
    conferenceId: 'room',
    kind: 'phone',
    label: 'victim',
    muted: false,
    camera: victim.inbound,
  });
  let random = 1;
  const next = (below: number): number => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    return (random >>> 8) % below;
  };
  for (let sent = 0; sent < 10_000;) {
    if (next(4) === 0) victim.forceKeyFrame();
    for (const packet of victim.packets(room.wallMs)) {
      for (let copy = 0; copy < 20; copy += 1) {
        const mutated = packet.slice(0, next(8) === 0 ? next(packet.length) : packet.length);
        for (let change = next(6); change >= 0; change -= 1) {
          const at = next(3) === 0 ? next(mutated.length) : 12 + next(Math.min(30, mutated.length));
          if (at < mutated.length) mutated[at] = next(256);
        }
        room.receive(mutated);
        sent += 1;
      }
    }
    room.run(1);
  }
  room.run(30);
  expect(viewer?.seen()).toEqual(expect.arrayContaining(['red', 'green']));
  for (let frame = 0; frame < 60; frame += 1) {
    if (frame % 15 === 0) victim.forceKeyFrame();
    room.send(victim);
    room.run(1);
  }
  expect(viewer?.seen()).toEqual(['red', 'green', 'blue']);
  victim.close();
});
