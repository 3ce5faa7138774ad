import { afterEach, beforeEach, expect, test } from 'vitest';
import { colors, ColorSender } from './ColorSender.ts';
import { VideoRoom, type Person, type Rungs } from './VideoRoom.ts';

const { red, green, blue } = colors;
const large = { width: 1280, height: 720 };
let room: VideoRoom;
let sharer: Person;
let screen: ColorSender;
let shared: Rungs;
let sharp: Rungs;

/** The room with a screen that sends at half the rate. */
function run(frames: number): void {
  for (let frame = 0; frame < frames; frame += 1) {
    if (frame % 2 === 0) room.send(screen);
    room.run(1);
  }
}

beforeEach(() => {
  room = new VideoRoom();
  sharer = room.join('sharer', { color: red });
  room.join('viewer', { color: green });
  shared = room.ladder('VP8');
  room.engine.setDemand(shared.config.id, [true, false, false]);
  sharp = room.ladder('VP8', 'screen');
  screen = new ColorSender(room.newSsrc(), 'VP8', blue, large);
  room.screens.push(screen);
  room.run(15);
});

afterEach(() => room.close());

test('a shared screen is large on the picture, and people are beside it', () => {
  room.change(sharer, { screen: screen.inbound });
  run(30);
  expect(room.stage).toMatchObject({ layout: 'presentation', sharer: 'sharer' });
  expect(room.stage?.tiles[0]).toMatchObject({ legId: 'sharer', source: 'screen', fit: 'contain' });
  expect(shared.viewers[0]?.seen()).toEqual(['red', 'green', 'blue']);
  const { screen: _, ...config } = sharer.config;
  room.engine.setVideoLeg(config);
  run(30);
  expect(room.stage).toMatchObject({ layout: 'auto' });
  expect(shared.viewers[0]?.seen()).toEqual(['red', 'green']);
});

test('browsers get it as it was encoded, in one stream from its first key frame on', () => {
  room.change(sharer, { screen: screen.inbound });
  run(30);
  const [viewer] = sharp.viewers;
  expect(viewer).toMatchObject({ height: 720, frames: 15 });
  expect(viewer?.seen()).toEqual(['blue']);
  expect(viewer?.reports).toBeGreaterThan(0);
  expect(room.wanted).toContainEqual(['sharer', 'screen', 1080]);
});

test('who begins to watch asks the sharer for a key frame, and nobody else', () => {
  room.change(sharer, { screen: screen.inbound });
  run(40);
  room.asked.length = 0;
  const { keyFrames = 0 } = sharp.viewers[0] ?? {};
  room.requestKeyFrame(sharp.viewers[0]);
  run(10);
  expect(room.asked).toEqual([screen.inbound.ssrc]);
  expect(sharp.viewers[0]?.keyFrames).toBe(keyFrames + 1);
});

test('another sharer goes on in the same stream', () => {
  room.change(sharer, { screen: screen.inbound });
  run(30);
  const { screen: _, ...config } = sharer.config;
  room.engine.setVideoLeg(config);
  const other = new ColorSender(room.newSsrc(), 'VP8', colors.yellow, large);
  room.screens.push(other);
  screen = other;
  const viewer = room.people.find(({ id }) => id === 'viewer');
  if (viewer !== undefined) room.change(viewer, { screen: other.inbound });
  run(30);
  const { sequences = [], timestamps = [] } = sharp.viewers[0] ?? {};
  expect(sharp.viewers[0]?.seen()).toEqual(['yellow']);
  sequences.slice(1).forEach((sequence, index) => {
    expect((sequence - (sequences[index] ?? 0)) & 0xffff).toBe(1);
  });
  timestamps.slice(1).forEach((timestamp, index) => {
    expect((timestamp - (timestamps[index] ?? 0)) >>> 0).toBeLessThan(90_000);
  });
});

test('a screen of another codec is seen in the picture alone', () => {
  screen = new ColorSender(room.newSsrc(), 'H264', blue, large);
  room.screens.push(screen);
  room.change(sharer, { screen: screen.inbound });
  run(30);
  expect(sharp.viewers[0]?.frames).toBe(0);
  expect(shared.viewers[0]?.seen()).toEqual(['red', 'green', 'blue']);
});

test('a screen on which nothing moves stays', () => {
  room.change(sharer, { screen: screen.inbound });
  run(30);
  room.run(120);
  expect(shared.viewers[0]?.seen()).toEqual(['red', 'green', 'blue']);
});
