import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readPng, type Picture } from '#test/support/picture.ts';
import { colors, distance, numberSide, seen, share, type Box, type Color } from '#test/support/seeing.ts';

const [width, height] = [160, 90];
const left: Box = { x: 0, y: 0.25, width: 0.5, height: 0.5 };
const right: Box = { x: 0.5, y: 0.25, width: 0.5, height: 0.5 };

function paint(picture: Picture, box: Box, rgb: readonly number[]): void {
  for (let y = box.y * height; y < (box.y + box.height) * height; y += 1) {
    for (let x = box.x * width; x < (box.x + box.width) * width; x += 1) {
      picture.rgb.set(rgb, (Math.floor(y) * width + Math.floor(x)) * 3);
    }
  }
}

function twoTiles(first: Color, second: Color): Picture {
  const picture = { width, height, rgb: new Uint8Array(width * height * 3) };
  paint(picture, left, colors[first]);
  paint(picture, right, colors[second]);
  return picture;
}

/** Chunk checksums are left zero: the reader does not look at them. */
function png({ rgb }: Picture, filter: 0 | 1 | 2): Buffer {
  const lines = Buffer.alloc(height * (width * 3 + 1));
  for (let y = 0; y < height; y += 1) {
    const line = y * (width * 3 + 1);
    lines[line] = filter;
    for (let x = 0; x < width * 3; x += 1) {
      const at = y * width * 3 + x;
      const before = filter === 1 && x >= 3 ? rgb[at - 3] : filter === 2 && y > 0 ? rgb[at - width * 3] : 0;
      lines[line + 1 + x] = (rgb[at] ?? 0) - (before ?? 0);
    }
  }
  const chunk = (type: string, data: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  };
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, height, 8, 2, 0, 0, 0]);
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    start,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('colours are found where they are, and no others', () => {
  const boxes = seen(twoTiles('red', 'blue'));
  expect(Object.keys(boxes).sort()).toEqual(['blue', 'red']);
  expect(distance(boxes.red ?? right, left)).toBeLessThan(0.01);
  expect(distance(boxes.blue ?? left, right)).toBeLessThan(0.01);
  expect(share(twoTiles('red', 'blue'), 'red', left)).toBe(1);
});

test('a mirrored number is on the other side', () => {
  const picture = twoTiles('red', 'blue');
  paint(picture, { x: 0.1, y: 0.4, width: 0.1, height: 0.2 }, [250, 250, 250]);
  paint(picture, { x: 0.8, y: 0.4, width: 0.1, height: 0.2 }, [250, 250, 250]);
  expect(numberSide(picture, left)).toBe('left');
  expect(numberSide(picture, right)).toBe('right');
});

test('PNG files are read whatever their lines are filtered with', () => {
  const picture = twoTiles('green', 'magenta');
  for (const filter of [0, 1, 2] as const) expect(readPng(png(picture, filter))).toEqual(picture);
});
