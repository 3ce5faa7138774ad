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
 * `count` equal cells in rows of `columns`, each of the given size, as a block in the middle of the canvas; a last row that is not
 * full stands in the middle too.
 */
export function grid(count: number, columns: number, width: number, height: number): Cell[] {
  const rows = Math.ceil(count / columns);
  const top = even((reference.height - rows * height) / 2);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = even((reference.width - inRow * width) / 2);
    return {
      x: left + even((index - row * columns) * width),
      y: top + row * height,
      width: even(width),
      height,
    };
  });
}

/** Cells one after the other, down or to the right. */
export function strip(count: number, first: Cell, direction: 'right' | 'down'): Cell[] {
  return Array.from({ length: count }, (_, index) => ({
    ...first,
    x: first.x + (direction === 'right' ? index * first.width : 0),
    y: first.y + (direction === 'down' ? index * first.height : 0),
  }));
}

/** With the gap around it; what fills the canvas alone has none. */
export function withGap(cell: Cell): Cell {
  if (cell.width === reference.width && cell.height === reference.height) return cell;
  return {
    x: cell.x + inset,
    y: cell.y + inset,
    width: cell.width - 2 * inset,
    height: cell.height - 2 * inset,
  };
}
