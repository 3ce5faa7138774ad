import { expect, test } from 'vitest';
import { native } from '#media/native/index.ts';
import {
  black,
  blue,
  colourAt,
  green,
  isNear,
  paint,
  picture,
  quarters,
  red,
  white,
} from './videoPictures.ts';

const { pictures } = native;

test('a rectangle is filled to its edges and no further', () => {
  const target = picture(20, 12, black);
  pictures.fill(target.data, 20, 12, 4, 2, 6, 8, ...red);
  const wanted = picture(20, 12, black);
  paint(wanted, 4, 2, 6, 8, red);
  expect(target).toEqual(wanted);
  pictures.fill(target.data, 20, 12, 14.5, 5, 7, 8.9, ...red);
  paint(wanted, 14, 4, 6, 8, red);
  expect(target).toEqual(wanted);
  pictures.fill(target.data, 20, 12, 0, 0, 1, 12, ...white);
  expect(target).toEqual(wanted);
});

test('a rectangle is copied from place to place', () => {
  const source = quarters(16, 16);
  const target = picture(20, 12, black);
  pictures.copy(source.data, 16, 16, 8, 0, target.data, 20, 12, 12, 2, 8, 8);
  const wanted = picture(20, 12, black);
  paint(wanted, 12, 2, 8, 8, green);
  expect(target).toEqual(wanted);
  pictures.copy(source.data, 16, 16, 0, 8, target.data, 20, 12, 0, 4, 8, 8);
  paint(wanted, 0, 4, 8, 8, blue);
  expect(target).toEqual(wanted);
});

test('a picture is scaled whole', () => {
  for (const [width, height] of [
    [64, 64],
    [40, 20],
    [6, 10],
  ] as const) {
    const target = picture(width, height, black);
    pictures.scale(quarters(16, 16).data, 16, 16, target.data, width, height);
    expect(
      [
        [0, 0],
        [width - 1, 0],
        [0, height - 1],
        [width - 1, height - 1],
      ].map(([x = 0, y = 0]) => colourAt(target, x, y)),
    ).toEqual([red, green, blue, white]);
  }
});

test('blending goes by alpha, from nothing to all', () => {
  const target = picture(32, 16, black);
  const alpha = Uint8Array.from({ length: 16 * 8 }, (_, i) => (i % 16 < 6 ? 0 : i % 16 < 10 ? 128 : 255));
  pictures.blend(picture(16, 8, white).data, alpha, 16, 8, target.data, 32, 16, 16, 8);
  expect(colourAt(target, 17, 9)).toEqual(black);
  expect(isNear(colourAt(target, 24, 12), [126, 128, 128], 2)).toBe(true);
  expect(colourAt(target, 31, 15)).toEqual(white);
  expect([colourAt(target, 15, 8), colourAt(target, 31, 7)]).toEqual([black, black]);
});

test('rectangles that reach over their picture and arrays that are too short are refused', () => {
  const [source, target] = [picture(16, 16, red), picture(16, 16, black)];
  const over = (name: string): RangeError => new RangeError(`the rectangle reaches over ${name}`);
  expect(() => {
    pictures.fill(target.data, 16, 16, 8, 8, 10, 2, ...red);
  }).toThrow(over('the target'));
  expect(() => {
    pictures.fill(target.data, 16, 16, -1, 0, 2, 2, ...red);
  }).toThrow(over('the target'));
  expect(() => {
    pictures.copy(source.data, 16, 16, 10, 0, target.data, 16, 16, 0, 0, 8, 8);
  }).toThrow(over('the source'));
  expect(() => {
    pictures.copy(source.data, 16, 16, 0, 0, target.data, 16, 16, 0, 10, 8, 8);
  }).toThrow(over('the target'));
  expect(() => {
    pictures.blend(source.data, new Uint8Array(256), 16, 16, target.data, 16, 16, 2, 0);
  }).toThrow(over('the target'));
  expect(() => {
    pictures.blend(source.data, new Uint8Array(255), 16, 16, target.data, 16, 16, 0, 0);
  }).toThrow(/^alpha must have at least 256/);
  expect(() => {
    pictures.scale(source.data, 16, 18, target.data, 16, 16);
  }).toThrow(/^source must have at least 432/);
  expect(() => {
    pictures.scale(source.data, 15, 16, target.data, 16, 16);
  }).toThrow(/^sourceWidth must be even/);
  expect(() => {
    pictures.fill(target.data, 16, 16, 0, 0, 2, 2, 256, 0, 0);
  }).toThrow(/^luma/);
  expect(target).toEqual(picture(16, 16, black));
});

test('pictures may stand on shared memory', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(96));
  pictures.fill(shared, 8, 8, 0, 0, 8, 8, ...green);
  expect(shared).toEqual(picture(8, 8, green).data);
});

test('a JPEG has the size and the colours of its picture', () => {
  const encoder = new native.JpegEncoder({ width: 640, height: 360, quality: 80 });
  const out = new Uint8Array(1 << 18);
  const jpeg = out.subarray(0, encoder.encode(quarters(640, 360).data, out));
  const bytes = Buffer.from(jpeg);
  expect(bytes.subarray(0, 4).toString('hex')).toBe('ffd8ffe0');
  expect(bytes.subarray(6, 10).toString()).toBe('JFIF');
  expect(bytes.subarray(-2).toString('hex')).toBe('ffd9');
  // SOF0: length, precision, height, width, components (ITU-T T.81 §B.2.2).
  const header = bytes.indexOf(Buffer.from('ffc0', 'hex'));
  expect([5, 7].map((at) => bytes.readUInt16BE(header + at))).toEqual([360, 640]);
  expect(bytes[header + 9]).toBe(3);
  expect(encoder.encode(picture(640, 360, red).data, out)).toBeLessThan(jpeg.length);
  expect(encoder.encode(quarters(640, 360).data, out.subarray(0, 100))).toBe(-2);
  expect(encoder.encode(quarters(640, 360).data, out)).toBe(jpeg.length);
});

test('a JPEG of better quality is longer', () => {
  const noise = picture(320, 180, black);
  for (let i = 0; i < noise.data.length; i++) noise.data[i] = (Math.imul(i, 2_654_435_761) >>> 24) / 2;
  const out = new Uint8Array(1 << 18);
  const lengths = [1, 25, 50, 75, 90].map((quality) =>
    new native.JpegEncoder({ width: 320, height: 180, quality }).encode(noise.data, out),
  );
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
  expect(lengths.at(-1)).toBeGreaterThan(3 * (lengths[0] ?? 0));
});
