import { expect, test } from 'vitest';
import { native, type VideoDecoder } from '#media/native/index.ts';
import { black, colourAt, encodeAll, green, isNear, picture, quarters, red } from './videoPictures.ts';
import { blue, white, type Colour, type TestPicture } from './videoPictures.ts';

const [width, height] = [320, 180];

function decoderOf(source: TestPicture): VideoDecoder {
  const encoder = new native.Vp8Encoder({
    width: source.width,
    height: source.height,
    bitrate: 2_000_000,
    frameRate: 30,
  });
  const decoder = new native.VideoDecoder({ codec: 'VP8', maxPixels: 1920 * 1088 });
  for (const frame of encodeAll(encoder, [source])) decoder.decode(frame, 0, frame.length);
  encoder.close();
  return decoder;
}

/** The colours of a rectangle's quarters, by rows. */
function quartersOf(canvas: TestPicture, x: number, y: number, w: number, h: number): string[] {
  const names: [string, Colour][] = Object.entries({ red, green, blue, white, black });
  return [
    [x + w / 4, y + h / 4],
    [x + (3 * w) / 4, y + h / 4],
    [x + w / 4, y + (3 * h) / 4],
    [x + (3 * w) / 4, y + (3 * h) / 4],
  ].map(([px = 0, py = 0]) => {
    const colour = colourAt(canvas, Math.floor(px), Math.floor(py));
    return names.find(([, named]) => isNear(colour, named))?.[0] ?? colour.join();
  });
}

const turned = [
  [0, ['red', 'green', 'blue', 'white']],
  [90, ['blue', 'red', 'white', 'green']],
  [180, ['white', 'blue', 'green', 'red']],
  [270, ['green', 'white', 'red', 'blue']],
] as const;

test.each(turned)(
  'a picture turned by %i degrees is scaled into its part of the canvas alone',
  (rotation, order) => {
    const decoder = decoderOf(quarters(width, height));
    const [w, h] = rotation % 180 === 0 ? [width, height] : [height, width];
    const canvas = picture(400, 300, black);
    decoder.draw(canvas.data, 400, 300, 0, 0, w, h, 100, 50, 160, 90, rotation);
    expect(quartersOf(canvas, 100, 50, 160, 90)).toEqual(order);
    for (const [x, y] of [
      [99, 60],
      [260, 60],
      [150, 49],
      [150, 140],
    ] as const)
      expect(colourAt(canvas, x, y)).toEqual(black);
    for (const [x, y] of [
      [100, 50],
      [259, 139],
    ] as const)
      expect(isNear(colourAt(canvas, x, y), black)).toBe(false);
  },
);

test.each(turned)(
  'a part is taken of the picture as it is after turning by %i degrees',
  (rotation, order) => {
    const decoder = decoderOf(quarters(width, height));
    const [w, h] = rotation % 180 === 0 ? [width, height] : [height, width];
    for (const [i, [x, y]] of [
      [0, 0],
      [w / 2, 0],
      [0, h / 2],
      [w / 2, h / 2],
    ].entries() as Iterable<[number, [number, number]]>) {
      const canvas = picture(64, 64, black);
      decoder.draw(canvas.data, 64, 64, x, y, w / 2, h / 2, 0, 0, 64, 64, rotation);
      expect(new Set(quartersOf(canvas, 0, 0, 64, 64))).toEqual(new Set([order[i]]));
    }
  },
);

test('pictures are made larger as well as smaller', () => {
  const decoder = decoderOf(quarters(64, 48));
  for (const [w, h] of [
    [1280, 720],
    [64, 48],
    [40, 30],
    [8, 8],
  ] as const) {
    const canvas = picture(w, h, black);
    decoder.draw(canvas.data, w, h, 0, 0, 64, 48, 0, 0, w, h, 0);
    expect(quartersOf(canvas, 0, 0, w, h)).toEqual(['red', 'green', 'blue', 'white']);
  }
});

test('fractions and odd numbers are rounded down, and a part that reaches over the source is cut', () => {
  const decoder = decoderOf(quarters(width, height));
  const canvas = picture(64, 64, black);
  decoder.draw(canvas.data, 64, 64, 0.5, 1, width + 1, height + 50.2, 3.9, 3, 61, 61.5, 0);
  expect(quartersOf(canvas, 2, 2, 60, 60)).toEqual(['red', 'green', 'blue', 'white']);
  expect([colourAt(canvas, 1, 1), colourAt(canvas, 62, 62)]).toEqual([black, black]);
  for (const [x, y, w, h] of [
    [-1000, -1000, 5000, 5000],
    [5000, 5000, 10, 10],
    [-9, -9, 0, 0],
    [0, 0, -10, -10],
  ] as const)
    expect(decoder.draw(canvas.data, 64, 64, x, y, w, h, 0, 0, 64, 64, 90)).toBe(true);
});

test('a target that reaches over the canvas is refused, an empty one draws nothing', () => {
  const decoder = decoderOf(quarters(width, height));
  const canvas = picture(64, 64, black);
  const draw = (x: number, y: number, w: number, h: number, rotation = 0): boolean =>
    decoder.draw(canvas.data, 64, 64, 0, 0, width, height, x, y, w, h, rotation as 0);
  for (const target of [
    [-1, 0, 10, 10],
    [0, -2, 10, 10],
    [56, 0, 10, 10],
    [0, 0, 64, 66],
    [0, 0, -2, 10],
  ] as const)
    expect(() => draw(target[0], target[1], target[2], target[3])).toThrow(
      new RangeError('the rectangle reaches over the canvas'),
    );
  expect(() => draw(0, 0, Infinity, 10)).toThrow(/^targetWidth/);
  expect(() => draw(0, 0, NaN, 10)).toThrow(RangeError);
  expect(() => draw(0, 0, 10, 10, 45)).toThrow(/^rotation must be 0, 90, 180 or 270$/);
  expect(draw(0, 0, 1, 10)).toBe(true);
  expect(canvas).toEqual(picture(64, 64, black));
  expect(() => decoder.draw(canvas.data, 64, 66, 0, 0, 2, 2, 0, 0, 2, 2, 0)).toThrow(
    /^canvas must have at least/,
  );
});
