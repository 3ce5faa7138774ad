import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crop, newCrop } from '#media/mixer/video/layouts/index.ts';

const side = fc.integer({ min: 20, max: 1000 }).map((half) => half * 2);

test('the source keeps its shape, within the rounding to even pixels', () => {
  fc.assert(
    fc.property(
      side,
      side,
      side,
      side,
      fc.constantFrom('cover' as const, 'contain' as const),
      (w, h, sw, sh, fit) => {
        const into = newCrop();
        crop({ x: 10, y: 20, width: w, height: h }, sw, sh, fit, into);
        for (const value of Object.values(into)) expect(Math.abs(value % 2)).toBe(0);
        expect(into.sourceX + into.sourceWidth).toBeLessThanOrEqual(sw);
        expect(into.sourceY + into.sourceHeight).toBeLessThanOrEqual(sh);
        expect(into.targetX + into.targetWidth).toBeLessThanOrEqual(10 + w);
        expect(into.targetY + into.targetHeight).toBeLessThanOrEqual(20 + h);
        const across = into.targetWidth / into.sourceWidth;
        const down = into.targetHeight / into.sourceHeight;
        const least = Math.min(into.targetWidth, into.targetHeight, into.sourceWidth, into.sourceHeight);
        expect(Math.abs(across / down - 1)).toBeLessThan(8 / least);
      },
    ),
  );
});

test('cover fills the place, contain shows all of the source', () => {
  const into = newCrop();
  crop({ x: 0, y: 0, width: 640, height: 360 }, 480, 640, 'cover', into);
  expect(into).toMatchObject({
    targetWidth: 640,
    targetHeight: 360,
    sourceWidth: 480,
    sourceHeight: 270,
    sourceY: 184,
  });
  crop({ x: 0, y: 0, width: 640, height: 360 }, 480, 640, 'contain', into);
  expect(into).toMatchObject({
    sourceWidth: 480,
    sourceHeight: 640,
    targetWidth: 270,
    targetHeight: 360,
    targetX: 184,
  });
});
