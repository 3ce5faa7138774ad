import { expect, test } from 'vitest';
import { layOut, type Guest } from '#media/mixer/video/layouts/index.ts';
import { TileMotion } from '#media/mixer/video/stage/index.ts';

const guest = (legId: string): Guest => ({ legId, source: 'camera', aspect: 16 / 9 });
const tiles = (legs: string): ReturnType<typeof layOut> => layOut('auto', Array.from(legs).map(guest));

test('the first people are there at once, later ones grow while the others make room', () => {
  const motion = new TileMotion(1280, 720);
  motion.setTarget(tiles('a'), 0);
  expect(motion.step(0)).toBe(false);
  expect(motion.current[0]).toMatchObject({ x: 0, y: 0, width: 1280, height: 720, settled: true });
  motion.setTarget(tiles('ab'), 1000);
  const widths: number[] = [];
  for (let nowMs = 1000; nowMs <= 1400; nowMs += 33) {
    motion.step(nowMs);
    widths.push(motion.current[1]?.width ?? 0);
  }
  expect(widths[0]).toBe(0);
  expect(widths).toEqual([...widths].sort((one, other) => one - other));
  expect(motion.current.map(({ settled, width }) => ({ settled, width }))).toEqual([
    { settled: true, width: 636 },
    { settled: true, width: 636 },
  ]);
  expect(motion.step(1500)).toBe(false);
});

test('whoever leaves is gone at once and the others come to rest where they belong, on even pixels all the way', () => {
  const motion = new TileMotion(1280, 720);
  motion.setTarget(tiles('abc'), 0);
  motion.setTarget(tiles('ac'), 500);
  expect(motion.current.map(({ tile }) => tile.legId)).toEqual(['a', 'c']);
  for (let nowMs = 500; nowMs <= 900; nowMs += 20) {
    motion.step(nowMs);
    for (const { x, y, width, height } of motion.current) {
      expect([x % 2, y % 2, width % 2, height % 2]).toEqual([0, 0, 0, 0]);
      expect(x + width).toBeLessThanOrEqual(1280);
    }
  }
  const after = new TileMotion(1280, 720);
  after.setTarget(tiles('ac'), 0);
  const place = ({ x, y, width, height }: (typeof motion.current)[number]): number[] => [x, y, width, height];
  expect(motion.current.map(place)).toEqual(after.current.map(place));
});

test('the object of a tile stays the same while it moves', () => {
  const motion = new TileMotion(1280, 720);
  motion.setTarget(tiles('ab'), 0);
  const before = motion.current[0];
  motion.setTarget(tiles('abc'), 100);
  motion.step(200);
  expect(motion.current[0]).toBe(before);
});
