import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutNames, type LayoutName, type StageTile } from '#kernel/index.ts';
import { capacityOf, layOut, type Guest } from '#media/mixer/video/layouts/index.ts';

const layouts = fc.constantFrom(...layoutNames);
const guest = (index: number, aspect = 16 / 9): Guest => ({
  legId: `leg ${index}`,
  source: 'camera',
  aspect,
});
const guests = (count: number): Guest[] => Array.from({ length: count }, (_, index) => guest(index));
const screen: Guest = { legId: 'sharer', source: 'screen', aspect: 16 / 10 };

function overlap(one: StageTile, other: StageTile): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

test('no tile covers another or leaves the picture, whatever the layout and the number of people', () => {
  fc.assert(
    fc.property(layouts, fc.integer({ min: 0, max: 60 }), fc.boolean(), (layout, count, shares) => {
      const all = shares ? [screen, ...guests(count)] : guests(count);
      const tiles = layOut(layout, all);
      expect(tiles).toHaveLength(Math.min(all.length, capacityOf(layout, all)));
      tiles.forEach((tile, index) => {
        expect(Math.min(tile.x, tile.y)).toBeGreaterThanOrEqual(0);
        expect(tile.x + tile.width).toBeLessThanOrEqual(1 + 1e-9);
        expect(tile.y + tile.height).toBeLessThanOrEqual(1 + 1e-9);
        for (const other of tiles.slice(index + 1)) expect(overlap(tile, other)).toBe(false);
      });
    }),
  );
});

test('tiles land on even pixels of 1280x720', () => {
  for (const layout of layoutNames) {
    for (let count = 1; count <= capacityOf(layout, guests(25)); count += 1) {
      for (const { x, y, width, height } of layOut(layout, guests(count))) {
        for (const pixels of [x * 1280, y * 720, width * 1280, height * 720]) {
          expect(Math.abs(pixels / 2 - Math.round(pixels / 2))).toBeLessThan(1e-6);
        }
      }
    }
  }
});

test('guests keep their rank: the first has the largest place', () => {
  fc.assert(
    fc.property(layouts, fc.integer({ min: 1, max: 30 }), (layout, count) => {
      const tiles = layOut(layout, guests(count));
      expect(tiles.map(({ legId }) => legId)).toEqual(guests(tiles.length).map(({ legId }) => legId));
      const area = ({ width, height }: StageTile): number => width * height;
      const [largest = 0, ...others] = tiles.map(area);
      for (const other of others) expect(other).toBeLessThanOrEqual(largest + 1e-9);
    }),
  );
});

test('the large place stays as it is until a row of small ones begins or ends', () => {
  const counts = (layout: LayoutName): number[] => {
    const all = Array.from({ length: capacityOf(layout, []) - 2 }, (_, index) => index + 3);
    const large = (count: number): StageTile | undefined => layOut(layout, guests(count))[0];
    return all.filter((count) => JSON.stringify(large(count)) !== JSON.stringify(large(count - 1)));
  };
  expect(counts('1:7')).toEqual([5]);
  expect(counts('1:21')).toEqual([9, 16]);
});

test('a row that is not full stands in the middle', () => {
  const middle = (tiles: readonly StageTile[]): number =>
    (Math.min(...tiles.map(({ x }) => x)) + Math.max(...tiles.map(({ x, width }) => x + width))) / 2;
  for (const [layout, count] of [
    ['auto', 3],
    ['auto', 5],
    ['auto', 7],
    ['3x3', 8],
    ['4x4', 13],
    ['auto', 23],
  ] as const) {
    const tiles = layOut(layout, guests(count));
    const last = Math.max(...tiles.map(({ y }) => y));
    expect(middle(tiles.filter(({ y }) => y === last))).toBeCloseTo(0.5, 2);
  }
  expect(middle(layOut('1:7', guests(6)).slice(4))).toBeCloseTo(0.5, 2);
  expect(middle(layOut('1:21', guests(10)).slice(8))).toBeCloseTo(0.5, 2);
});

test('what is left free along the upper edge has no tile, and even pixels stay even', () => {
  for (const layout of layoutNames) {
    for (const count of [1, 2, 7, 25]) {
      const tiles = layOut(layout, guests(count), 32 / 720);
      expect(tiles).toHaveLength(layOut(layout, guests(count)).length);
      tiles.forEach(({ x, y, width, height }, index) => {
        expect(y * 720).toBeGreaterThanOrEqual(32 - 1e-6);
        expect((y + height) * 720).toBeLessThanOrEqual(720 + 1e-6);
        for (const pixels of [x * 1280, y * 720, width * 1280, height * 720])
          expect(Math.abs(pixels / 2 - Math.round(pixels / 2))).toBeLessThan(1e-6);
        for (const other of tiles.slice(index + 1))
          expect(overlap({ legId: '', source: 'camera', fit: 'cover', x, y, width, height }, other)).toBe(
            false,
          );
      });
    }
  }
});

test.each([
  ['1:0', 1],
  ['1:1', 2],
  ['1:7', 8],
  ['1:21', 22],
  ['2x2', 4],
  ['3x3', 9],
  ['4x4', 16],
  ['auto', 25],
] as const)('%s shows %i people', (layout: LayoutName, places) => {
  expect(layOut(layout, guests(40))).toHaveLength(places);
});

test('a room of 25 is seen whole, and everyone alone fills the picture', () => {
  expect(layOut('auto', guests(25))).toHaveLength(25);
  for (const layout of ['auto', '1:0', '1:1', '1:7', '1:21', 'presentation'] as const) {
    expect(layOut(layout, guests(1))).toMatchObject([{ x: 0, y: 0, width: 1, height: 1 }]);
  }
});

test('a shared screen is large and whole, with people beside it', () => {
  const tiles = layOut('presentation', [screen, ...guests(9)]);
  expect(tiles).toHaveLength(6);
  expect(tiles[0]).toMatchObject({ legId: 'sharer', source: 'screen', fit: 'contain' });
  expect(tiles[0]?.width).toBeGreaterThan(0.75);
  expect(layOut('presentation', guests(8))).toEqual(layOut('1:7', guests(8)));
});

test('a camera is cut to its tile unless too much of it would go', () => {
  const fits = (aspect: number): string | undefined =>
    layOut('3x3', [guest(0, aspect), ...guests(8)])[0]?.fit;
  expect([16 / 9, 4 / 3, 2].map(fits)).toEqual(['cover', 'cover', 'cover']);
  expect([9 / 16, 1].map(fits)).toEqual(['contain', 'contain']);
});
