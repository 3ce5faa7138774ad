import type { Picture } from './picture.ts';

/** What cameras of tests show: far apart from one another, and from slates and borders, also after two lossy codecs. */
export const colors = {
  red: [230, 30, 30],
  green: [100, 230, 10],
  blue: [30, 40, 230],
  yellow: [240, 230, 20],
  magenta: [230, 20, 220],
  cyan: [20, 220, 230],
  orange: [250, 140, 20],
} as const satisfies Record<string, readonly [number, number, number]>;
export type Color = keyof typeof colors;
export const colorNames = Object.keys(colors) as Color[];

/** `#rrggbb` */
export function hex(color: Color): string {
  return `#${colors[color].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** Fractions of the picture's width and height, from its upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Colour studios and full or limited range move values; a neighbouring colour is more than twice as far. */
const tolerance = 55;

function isColor({ rgb }: Picture, pixel: number, color: Color): boolean {
  const at = pixel * 3;
  return colors[color].every((value, channel) => Math.abs((rgb[at + channel] ?? 0) - value) <= tolerance);
}

/** Share of the pixels in `box` that have the colour, 0..1. */
export function share(
  picture: Picture,
  color: Color,
  box: Box = { x: 0, y: 0, width: 1, height: 1 },
): number {
  const [left, top] = [Math.ceil(box.x * picture.width), Math.ceil(box.y * picture.height)];
  const right = Math.floor((box.x + box.width) * picture.width);
  const bottom = Math.floor((box.y + box.height) * picture.height);
  let count = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) if (isColor(picture, y * picture.width + x, color)) count += 1;
  }
  return count / Math.max(1, (right - left) * (bottom - top));
}

/**
 * Where each colour is: the rows and columns that have at least a quarter as many pixels of it as its fullest one, so that neither
 * a blurred edge between two others nor a number written on it counts. Colours on less than 0.3 % of the picture are not seen.
 */
export function seen(picture: Picture): Partial<Record<Color, Box>> {
  const found: Partial<Record<Color, Box>> = {};
  for (const color of colorNames) {
    const columns = new Uint32Array(picture.width);
    const rows = new Uint32Array(picture.height);
    let total = 0;
    for (let pixel = 0; pixel < picture.width * picture.height; pixel += 1) {
      if (!isColor(picture, pixel, color)) continue;
      const [x, y] = [pixel % picture.width, Math.floor(pixel / picture.width)];
      columns[x] = (columns[x] ?? 0) + 1;
      rows[y] = (rows[y] ?? 0) + 1;
      total += 1;
    }
    if (total < 0.003 * picture.width * picture.height) continue;
    const [left, right] = extent(columns);
    const [top, bottom] = extent(rows);
    found[color] = {
      x: left / picture.width,
      y: top / picture.height,
      width: (right - left) / picture.width,
      height: (bottom - top) / picture.height,
    };
  }
  return found;
}

/** First and one past the last index that is filled enough. */
function extent(counts: Uint32Array): readonly [number, number] {
  const enough = counts.reduce((most, count) => Math.max(most, count), 0) / 4;
  return [counts.findIndex((count) => count >= enough), counts.findLastIndex((count) => count >= enough) + 1];
}

/** The largest distance between edges of the two, as a fraction of the picture. */
export function distance(a: Box, b: Box): number {
  return Math.max(
    Math.abs(a.x - b.x),
    Math.abs(a.y - b.y),
    Math.abs(a.x + a.width - b.x - b.width),
    Math.abs(a.y + a.height - b.y - b.height),
  );
}

/**
 * On which side of `box` something white is: tests' cameras write their number on the left, so `right` is a mirrored one. Labels are on
 * its lower part, which is not looked at.
 */
export function numberSide({ width, height, rgb }: Picture, box: Box): 'left' | 'right' | 'none' {
  const sides = [0, 0];
  const [fromY, toY] = [
    Math.round((box.y + 0.15 * box.height) * height),
    (box.y + 0.65 * box.height) * height,
  ];
  const [fromX, toX] = [Math.round((box.x + 0.05 * box.width) * width), (box.x + 0.95 * box.width) * width];
  for (let y = fromY; y < toY; y += 1) {
    for (let x = fromX; x < toX; x += 1) {
      const at = (y * width + x) * 3;
      if (Math.min(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0) < 190) continue;
      const side = x < (box.x + box.width / 2) * width ? 0 : 1;
      sides[side] = (sides[side] ?? 0) + 1;
    }
  }
  const [left = 0, right = 0] = sides;
  if (left + right < 0.003 * box.width * width * box.height * height) return 'none';
  return left > right ? 'left' : 'right';
}
