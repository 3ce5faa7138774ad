import type { LayoutName } from '#kernel/index.ts';
import { grid, reference, strip, type Cell } from './cells.ts';

/** A layout as data: how many it shows, and their cells by rank for any smaller number. */
export interface LayoutTable {
  readonly capacity: number;
  readonly cells: (count: number) => readonly Cell[];
}

const whole: Cell = { x: 0, y: 0, width: reference.width, height: reference.height };

/** Two are side by side, a little narrower than a camera. */
const pair = (count: number): Cell[] => (count === 1 ? [whole] : grid(count, 2, 640, 480));

/** Each size of group with the largest cells that it can have. */
const groups: readonly { readonly upTo: number; readonly cells: (count: number) => Cell[] }[] = [
  { upTo: 2, cells: pair },
  { upTo: 4, cells: (count) => grid(count, 2, 640, 360) },
  { upTo: 6, cells: (count) => grid(count, 3, 426, 320) },
  { upTo: 9, cells: (count) => grid(count, 3, 426, 240) },
  { upTo: 12, cells: (count) => grid(count, 4, 320, 240) },
  { upTo: 16, cells: (count) => grid(count, 4, 320, 180) },
  { upTo: 20, cells: (count) => grid(count, 5, 256, 180) },
  { upTo: 25, cells: (count) => grid(count, 5, 256, 144) },
];

const oneAndSeven: readonly Cell[] = [
  { x: 0, y: 0, width: 960, height: 540 },
  ...strip(3, { x: 960, y: 0, width: 320, height: 180 }, 'down'),
  ...strip(4, { x: 0, y: 540, width: 320, height: 180 }, 'right'),
];

const oneAndTwentyOne: readonly Cell[] = [
  { x: 274, y: 0, width: 732, height: 412 },
  ...[412, 514, 616].flatMap((y) => strip(7, { x: 3, y, width: 182, height: 102 }, 'right')),
].map((cell) => ({ ...cell, x: cell.x & ~1 }));

/** The screen, and people beside it. */
const screenAndStrip: readonly Cell[] = [
  { x: 0, y: 72, width: 1024, height: 576 },
  ...strip(5, { x: 1024, y: 0, width: 256, height: 144 }, 'down'),
];

/** One large cell and small ones; who is alone has the whole canvas. */
function speaker(cells: readonly Cell[]): LayoutTable {
  return { capacity: cells.length, cells: (count) => (count === 1 ? [whole] : cells.slice(0, count)) };
}

export const tables = {
  auto: {
    capacity: 25,
    cells: (count) => groups.find(({ upTo }) => count <= upTo)?.cells(count) ?? [],
  },
  '1:0': { capacity: 1, cells: () => [whole] },
  '1:1': { capacity: 2, cells: pair },
  '1:7': speaker(oneAndSeven),
  '1:21': speaker(oneAndTwentyOne),
  '2x2': { capacity: 4, cells: (count) => grid(count, 2, 640, 360) },
  '3x3': { capacity: 9, cells: (count) => grid(count, 3, 426, 240) },
  '4x4': { capacity: 16, cells: (count) => grid(count, 4, 320, 180) },
  presentation: speaker(screenAndStrip),
} as const satisfies Record<LayoutName, LayoutTable>;
