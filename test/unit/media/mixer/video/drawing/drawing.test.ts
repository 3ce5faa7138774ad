import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHsl, isLight, parseColor, toYuv } from '#media/mixer/video/drawing/color.ts';
import {
  bannerOverlay,
  bannerPart,
  border,
  labelOverlay,
  OverlayCache,
  slate,
  welcomeSlate,
} from '#media/mixer/video/drawing/index.ts';
import { initialsOf } from '#media/mixer/video/drawing/slates.ts';

const ink = ({ alpha }: { readonly alpha: Uint8Array }): number =>
  alpha.reduce((sum, value) => sum + Number(value > 200), 0);

test('colours are those of BT.601, limited range', () => {
  expect(toYuv(parseColor('#000000'))).toEqual({ y: 16, u: 128, v: 128 });
  expect(toYuv(parseColor('#ffffff'))).toEqual({ y: 235, u: 128, v: 128 });
  expect(toYuv(parseColor('#ff0000'))).toEqual({ y: 81, u: 90, v: 240 });
  expect(fromHsl(120, 1, 0.5)).toEqual({ red: 0, green: 255, blue: 0 });
  expect([isLight(parseColor('#ffff00')), isLight(parseColor('#000080'))]).toEqual([true, false]);
});

test('a label has ink for a name in any script, and a sign when its person is muted', () => {
  const cache = new OverlayCache();
  for (const name of ['Alice', 'محمد', '田中 花子', 'हिन्दी', '🙂', 'e\u0301', '\ud800', '‏שלום']) {
    const plain = labelOverlay(cache, name, 426, 240, { muted: false });
    expect(ink(plain), name).toBeGreaterThan(10);
    expect(labelOverlay(cache, name, 426, 240, { muted: true }).width).toBeGreaterThan(plain.width);
  }
  expect(labelOverlay(cache, '', 426, 240, { muted: false })).toMatchObject({ width: 2, height: 2 });
});

test('a label fits its tile, however long the name and however small the tile', () => {
  const cache = new OverlayCache();
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.integer({ min: 60, max: 1280 }),
      fc.boolean(),
      (name, width, muted) => {
        const tile = { width, height: (width * 9) / 16 };
        const label = labelOverlay(cache, name, tile.width, tile.height, { muted });
        expect(label.width).toBeLessThanOrEqual(tile.width);
        expect([label.width % 2, label.height % 2]).toEqual([0, 0]);
      },
    ),
    { numRuns: 60 },
  );
});

test('what is drawn once is kept, and what is not used goes', () => {
  const cache = new OverlayCache(3);
  const label = (name: string): unknown => labelOverlay(cache, name, 426, 240, { muted: false });
  const first = label('first');
  label('second');
  expect(label('first')).toBe(first);
  label('third');
  label('fourth');
  expect(cache.size).toBe(3);
  expect(label('first')).toBe(first);
});

test('the banner goes along the whole edge in its colour and can be read on it', () => {
  const cache = new OverlayCache();
  for (const color of ['#ffee00', '#102040']) {
    const { picture, alpha, width, height } = bannerOverlay(cache, 'Neutral ground', color, 1280);
    expect([width, height]).toEqual([1280, 720 * bannerPart]);
    expect(alpha.every((value) => value === 255)).toBe(true);
    const { y } = toYuv(parseColor(color));
    expect(picture[0]).toBeCloseTo(y, -1);
    const luma = picture.subarray(0, width * height);
    expect(Math.max(...luma) - Math.min(...luma)).toBeGreaterThan(100);
  }
  const small = bannerOverlay(cache, 'नमस्ते की ي🙂', '#2f6fed', 320);
  expect(small.height).toBe(8);
  expect(new Set(small.picture.subarray(0, 320 * 8)).size).toBeGreaterThan(1);
});

test('a slate is of the name’s own colour, and the welcome has ink', () => {
  const alice = slate(320, 180, { name: 'Alice' });
  expect(slate(320, 180, { name: 'Alice' })).toEqual(alice);
  expect(slate(320, 180, { name: 'Bob' })).not.toEqual(alice);
  expect(slate(4, 4, { name: 'Bob' })).toHaveLength(24);
  const welcome = welcomeSlate(1280, 720, ['Boardroom', 'Join with', 'https://example.org/boardroom']);
  expect(welcome.subarray(0, 1280 * 720).some((luma) => luma > 230)).toBe(true);
});

test.each([
  ['Alice Andersson', 'AA'],
  ['zoë', 'Z'],
  ['田中 花子', '田花'],
  ['Dr. Jean-Luc (Picard)', 'DP'],
  ['👩‍🚀 Ripley', '👩‍🚀R'],
  ['  ', ''],
  ['!!!', ''],
])('the initials of "%s" are "%s"', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test('the border of who speaks stays inside its tile', () => {
  const canvas = new Uint8Array(64 * 64 * 1.5);
  border(canvas, 64, 64, 16, 16, 32, 32, 4);
  const luma = (x: number, y: number): number => canvas[y * 64 + x] ?? 0;
  expect([luma(15, 20), luma(48, 20), luma(30, 30)]).toEqual([0, 0, 0]);
  expect([luma(16, 16), luma(47, 47), luma(19, 30)].every((value) => value > 100)).toBe(true);
  border(canvas, 64, 64, 60, 60, 2, 2, 4);
});
