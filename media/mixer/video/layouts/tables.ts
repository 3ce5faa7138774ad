import type { LayoutName } from '#kernel/index.ts';
import { column, grid, reference, type Cell } from './cells.ts';

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

/** Three beside the large one, four below; with nobody below, the rest is in the middle. */
function oneAndSeven(count: number): Cell[] {
  const below = Math.max(0, count - 4);
  const top = below === 0 ? 90 : 0;
  return [
    { x: 0, y: top, width: 960, height: 540 },
    ...column(count - 1 - below, { x: 960, y: top, width: 320, height: 540 }, 180),
    ...grid(below, 4, 320, 180, 540),
  ];
}

/** As many rows of seven as it takes, and above them as large a cell as there is room for. */
function oneAndTwentyOne(count: number): Cell[] {
  const rows = Math.ceil((count - 1) / 7);
  const height = reference.height - rows * 102;
  const [large] = grid(1, 1, (height * 16) / 9, height, 0);
  return [...(large === undefined ? [] : [large]), ...grid(count - 1, 7, 182, 102, height)];
}

/** The screen, and people beside it. */
function screenAndColumn(count: number): Cell[] {
  return [
    { x: 0, y: 72, width: 1024, height: 576 },
    ...column(count - 1, { x: 1024, y: 0, width: 256, height: 720 }, 144),
  ];
}

/** One large cell and small ones; who is alone has the whole canvas. */
function speaker(capacity: number, cells: (count: number) => readonly Cell[]): LayoutTable {
  return { capacity, cells: (count) => (count === 1 ? [whole] : cells(count)) };
}

export const tables = {
  auto: {
    capacity: 25,
    cells: (count) => groups.find(({ upTo }) => count <= upTo)?.cells(count) ?? [],
  },
  '1:0': { capacity: 1, cells: () => [whole] },
  '1:1': { capacity: 2, cells: pair },
  '1:7': speaker(8, oneAndSeven),
  '1:21': speaker(22, oneAndTwentyOne),
  '2x2': { capacity: 4, cells: (count) => grid(count, 2, 640, 360) },
  '3x3': { capacity: 9, cells: (count) => grid(count, 3, 426, 240) },
  '4x4': { capacity: 16, cells: (count) => grid(count, 4, 320, 180) },
  presentation: speaker(6, screenAndColumn),
} as const satisfies Record<LayoutName, LayoutTable>;
