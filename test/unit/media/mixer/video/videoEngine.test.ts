import { afterEach, beforeEach, expect, test } from 'vitest';
import { colors } from './ColorSender.ts';
import { VideoRoom, type Person } from './VideoRoom.ts';
import { isNear, type Viewer } from './Viewer.ts';

let room: VideoRoom;

beforeEach(() => {
  room = new VideoRoom();
});

afterEach(() => room.close());

/** The colour in the middle of somebody's tile of the shared picture. */
function colorOf({ id }: Person, viewer: Viewer | undefined): readonly [number, number, number] | undefined {
  const tile = room.stage?.tiles.find(({ legId }) => legId === id);
  return tile === undefined ? undefined : viewer?.colorAt(tile.x + tile.width / 2, tile.y + tile.height / 2);
}

test('everyone is seen in his own tile, in all sizes and codecs', () => {
  const { red, green, blue } = colors;
  const people = [
    room.join('vp8', { color: red }),
    room.join('h264', { color: green, codec: 'H264' }),
    room.join('another', { color: blue }),
  ];
  const rungs = [...room.ladder('VP8').viewers, ...room.ladder('H264').viewers];
  room.run(60);
  for (const viewer of rungs) {
    expect(viewer.height).toBeGreaterThan(0);
    for (const person of people)
      expect(colorOf(person, viewer)).toSatisfy((color: never) => isNear(color, personColor(person.id)));
  }
  expect(rungs.map(({ height }) => height)).toEqual([180, 360, 720, 180, 360, 720]);

  function personColor(id: string): readonly [number, number, number] {
    return id === 'vp8' ? red : id === 'h264' ? green : blue;
  }
});

test('a phone on stage sees everyone but himself', () => {
  const { red, green, blue } = colors;
  room.join('browser', { color: red });
  const phone = room.join('phone', { color: green, kind: 'phone', codec: 'H264' });
  const other = room.join('other', { color: blue, kind: 'phone', codec: 'VP8' });
  room.ladder('VP8');
  room.run(60);
  expect(phone.viewer?.shows(red)).toBe(true);
  expect(phone.viewer?.shows(blue)).toBe(true);
  expect(phone.viewer?.shows(green)).toBe(false);
  expect(other.viewer?.shows(green)).toBe(true);
  expect(other.viewer?.shows(blue)).toBe(false);
});
