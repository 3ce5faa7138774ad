/** Where a tile stands: pixels of the reference canvas, even, so that fractions land on whole chroma samples. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What cells are written for; any other 16:9 canvas takes the same fractions. */
export const reference = { width: 1280, height: 720 } as const;

/** Half of the gap between two tiles. */
const inset = 2;

const even = (value: number): number => Math.floor(value / 2) * 2;

/**
 * `count` equal cells in rows of `columns`, each of the given size, from `top` on or else as a block in the middle of the canvas;
 * a last row that is not full stands in the middle too.
 */
export function grid(count: number, columns: number, width: number, height: number, top?: number): Cell[] {
  const rows = Math.ceil(count / columns);
  const first = top ?? even((reference.height - rows * height) / 2);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = even((reference.width - inRow * width) / 2);
    return {
      x: left + even((index - row * columns) * width),
      y: first + row * height,
      width: even(width),
      height,
    };
  });
}

/** Cells of one height below each other, in the middle of the room for them. */
export function column(count: number, { x, y, width, height: room }: Cell, height: number): Cell[] {
  const top = y + even((room - count * height) / 2);
  return Array.from({ length: count }, (_, index) => ({ x, y: top + index * height, width, height }));
}

/** With the gap around it; what fills the canvas alone has none. `top`: pixels that are taken from the upper edge of the canvas. */
export function fitted({ x, y, width, height }: Cell, top: number): Cell {
  const down = (edge: number): number => top + even(edge * (1 - top / reference.height));
  const gap = width === reference.width && height === reference.height ? 0 : inset;
  const upper = down(y) + gap;
  return { x: x + gap, y: upper, width: width - 2 * gap, height: down(y + height) - gap - upper };
}
