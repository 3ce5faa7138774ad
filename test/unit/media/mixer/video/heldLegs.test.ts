import { afterEach, beforeEach, expect, test } from 'vitest';
import { canvasColor } from '#media/mixer/video/drawing/index.ts';
import { colors } from './ColorSender.ts';
import { VideoRoom } from './VideoRoom.ts';
import { isNear, type Viewer } from './Viewer.ts';

const { red, green, blue } = colors;
const ground = [canvasColor.y, canvasColor.u, canvasColor.v] as const;
const noticeGround = [166, 35, 168] as const;
const held = { lines: ['Waiting', 'A host will let you in.'] };
let room: VideoRoom;

beforeEach(() => {
  room = new VideoRoom({ encodeBudget: 2 });
});

afterEach(() => room.close());

/** How many points of a grid between two heights are nearly white. */
function ink(viewer: Viewer | undefined, fromY: number, toY: number): number {
  let count = 0;
  for (let y = fromY; y < toY; y += 1 / 720) {
    for (let x = 0.02; x < 0.98; x += 1 / 640) if ((viewer?.colorAt(x, y)[0] ?? 0) > 180) count += 1;
  }
  return count;
}

test('a held phone sees its slate, and nobody sees it', () => {
  const one = room.join('one', { color: red, kind: 'phone' });
  const two = room.join('two', { color: blue, kind: 'phone' });
  const waiting = room.join('waiting', { color: green, kind: 'phone', maxHeight: 360 });
  room.change(waiting, { held });
  room.engine.setSpeaking('room', ['waiting']);
  room.run(60);
  expect(one.viewer?.seen()).toEqual(['blue']);
  expect(two.viewer?.seen()).toEqual(['red']);
  expect(waiting.viewer?.seen()).toEqual([]);
  expect(isNear(waiting.viewer?.colorAt(0.05, 0.2), ground)).toBe(true);
  expect(ink(waiting.viewer, 0.4, 0.55)).toBeGreaterThan(200);
  expect(ink(waiting.viewer, 0.7, 0.98)).toBe(0);
  expect(room.stage?.tiles.map(({ legId }) => legId)).toEqual(['one', 'two']);
  expect(room.wanted.filter(([legId]) => legId === 'waiting').at(-1)).toEqual(['waiting', 'camera', 0]);
});

test('who waits alone leaves the one in the room alone too', () => {
  const alone = room.join('alone', { color: red, kind: 'phone' });
  const waiting = room.join('waiting', { color: green, kind: 'phone' });
  room.change(waiting, { held });
  room.run(20);
  expect(room.stage?.tiles ?? []).toEqual([]);
  expect(alone.viewer?.seen()).toEqual([]);
});

test('who is let in is seen and sees the room in the same stream, and is held again without a trace', () => {
  const one = room.join('one', { color: red, kind: 'phone' });
  const waiting = room.join('waiting', { color: green, kind: 'phone', codec: 'H264' });
  room.change(waiting, { held });
  room.run(30);
  const { held: _, ...inRoom } = waiting.config;
  waiting.config = inRoom;
  room.engine.setVideoLeg(inRoom);
  const frames = waiting.viewer?.keyFrames ?? 0;
  room.run(45);
  expect(waiting.viewer?.seen()).toEqual(['red']);
  expect(waiting.viewer?.keyFrames).toBeGreaterThan(frames);
  expect(one.viewer?.seen()).toEqual(['green']);
  room.change(waiting, { held });
  room.run(30);
  expect(waiting.viewer?.seen()).toEqual([]);
  expect(one.viewer?.seen()).toEqual([]);
  const sequences = waiting.viewer?.sequences ?? [];
  expect(sequences).toEqual(sequences.map((_, index) => ((sequences[0] ?? 0) + index) & 0xffff));
});

test('those who wait with the same lines share one encoding, which is sent twice a second', () => {
  const first = room.join('first', { kind: 'phone' });
  const last = room.join('last', { kind: 'phone' });
  for (const person of [first, room.join('another', { kind: 'phone' }), last]) room.change(person, { held });
  room.run(60);
  expect(room.engine.stats()).toMatchObject({ views: 1, encoders: { VP8: 1, H264: 0 } });
  const before = first.viewer?.frames ?? 0;
  room.run(60);
  expect((first.viewer?.frames ?? 0) - before).toBe(4);
  room.change(last, { held: { lines: ['Wrong PIN'] } });
  room.run(10);
  expect(room.engine.stats().views).toBe(2);
});

test('a camera and a screen of one who is held are counted, not decoded and not shown', () => {
  room.join('one', { color: red });
  room.join('two', { color: blue });
  const waiting = room.join('waiting', { color: green, kind: 'phone' });
  room.ladder('VP8');
  room.run(45);
  const before = room.engine.stats();
  room.change(waiting, { held, screen: { ssrc: room.newSsrc(), payloadType: 96, codec: 'VP8' } });
  room.run(150);
  const after = room.engine.stats();
  expect(after.decoders).toBe(before.decoders - 1);
  expect(after.usage.cameras).toBeGreaterThanOrEqual(1);
  expect(after.usage.encodes.VP8).toBeGreaterThan(1);
  expect(room.stage?.sharer).toBeUndefined();
});

test('a held phone’s slate can be looked at under its name', () => {
  const waiting = room.join('waiting', { kind: 'phone' });
  room.change(waiting, { held });
  room.run(5);
  expect([...room.engine.snapshot('room', 'waiting').subarray(0, 2)]).toEqual([0xff, 0xd8]);
});

test('a notice is over the bottom of every picture of the room, and of no slate', () => {
  const one = room.join('one', { color: red, kind: 'phone', maxHeight: 720 });
  room.join('two', { color: blue });
  const waiting = room.join('waiting', { kind: 'phone', maxHeight: 720 });
  room.change(waiting, { held });
  const shared = room.ladder('VP8').viewers[2];
  room.run(45);
  const isNotice = (viewer: Viewer | undefined): boolean =>
    isNear(viewer?.colorAt(0.02, 0.985), noticeGround);
  expect([one.viewer, shared, waiting.viewer].map(isNotice)).toEqual([false, false, false]);
  room.setPicture({ notice: 'This meeting ends in five minutes' });
  room.run(45);
  expect([one.viewer, shared, waiting.viewer].map(isNotice)).toEqual([true, true, false]);
  const { notice: _, ...without } = room.picture;
  room.picture = without;
  room.engine.setPicture(without);
  room.run(45);
  expect([one.viewer, shared].map(isNotice)).toEqual([false, false]);
});

test('a label is another as soon as it is set', () => {
  const one = room.join('one', { color: red });
  room.join('two', { color: blue });
  const shared = room.ladder('VP8').viewers[2];
  room.run(45);
  const labelOf = (): number[] => {
    const tile = room.stage?.tiles.find(({ legId }) => legId === 'one');
    const lumas: number[] = [];
    for (let x = 0; x < 0.12; x += 1 / 1280) {
      lumas.push(
        shared?.colorAt((tile?.x ?? 0) + x, (tile?.y ?? 0) + (tile?.height ?? 0) - 24 / 720)[0] ?? 0,
      );
    }
    return lumas;
  };
  const before = labelOf();
  room.change(one, { label: 'somebody else altogether' });
  room.run(20);
  expect(differences(before, labelOf())).toBeGreaterThan(20);
});

test('a notice hides no label', () => {
  room.setSpotlight('one');
  const one = room.join('one', { color: red });
  room.change(one, { label: 'Somebody with a name' });
  room.join('two', { color: blue });
  const shared = room.ladder('VP8').viewers[2];
  room.run(45);
  const aboveNotice = [620 / 720, 668 / 720] as const;
  expect(ink(shared, ...aboveNotice)).toBe(0);
  room.setPicture({ notice: 'Soon over' });
  room.run(45);
  expect(ink(shared, ...aboveNotice)).toBeGreaterThan(100);
});

function differences(one: readonly number[], other: readonly number[]): number {
  return one.filter((value, index) => Math.abs(value - (other[index] ?? 0)) > 30).length;
}
