import { native, type TextMask } from '../../../native/index.ts';
import {
  black,
  isLight,
  mutedColor,
  parseColor,
  toYuv,
  white,
  type RgbColor,
  type YuvColor,
} from './color.ts';
import { emptyOverlay, type Overlay, type OverlayCache } from './Overlay.ts';
import { cutRows, even, stamp } from './picture.ts';
import { mutedMask, roundedMask } from './shapes.ts';

/** How much of what is behind a label shows through: 255 for nothing. */
const boxAlpha = 165;
/** A longer name is cut. */
const widestLabel = 0.7;

/** Text of a tile: legible on the smallest, not shouting on the largest. */
export function labelSizePx(tileHeight: number): number {
  return Math.round(Math.min(28, Math.max(13, 10 + tileHeight * 0.025)));
}

/** A person's name, and whether he is muted, for the lower left corner of a tile. Empty text without a sign is two pixels of nothing. */
export function labelOverlay(
  cache: OverlayCache,
  text: string,
  tileWidth: number,
  tileHeight: number,
  { muted }: { readonly muted: boolean },
): Overlay {
  const sizePx = labelSizePx(tileHeight);
  const maxWidthPx = Math.max(24, even(tileWidth * widestLabel));
  return cache.get(`label ${sizePx} ${maxWidthPx} ${String(muted)} ${text}`, () =>
    drawLabel(text, sizePx, maxWidthPx, muted),
  );
}

/** How much of the height of a 16:9 canvas the banner takes. */
export const bannerPart = 32 / 720;

/** The zone's banner, along the whole upper edge. */
export function bannerOverlay(
  cache: OverlayCache,
  text: string,
  color: string,
  canvasWidth: number,
): Overlay {
  return cache.get(`banner ${color} ${canvasWidth} ${text}`, () =>
    drawBar(text, parseColor(color), canvasWidth, bannerPart),
  );
}

/** A notice is read from afar, once: it is larger than the banner, which is always there. */
const noticePart = 44 / 720;
/** It asks for attention, and is no zone's banner. */
const noticeColor = parseColor('#f2a900');

/** Something that all must know now, along the whole lower edge. */
export function noticeOverlay(cache: OverlayCache, text: string, canvasWidth: number): Overlay {
  return cache.get(`notice ${canvasWidth} ${text}`, () =>
    drawBar(text, noticeColor, canvasWidth, noticePart),
  );
}

function drawBar(text: string, background: RgbColor, canvasWidth: number, part: number): Overlay {
  const height = even(((canvasWidth * 9) / 16) * part);
  const options = {
    sizePx: Math.max(6, Math.round(height * 0.55)),
    maxWidthPx: even(canvasWidth * 0.9),
    bold: true,
  };
  const ink = cutRows(native.renderText(text, options), height);
  const overlay = emptyOverlay(canvasWidth, height, toYuv(background));
  overlay.alpha.fill(255);
  const x = (canvasWidth - ink.width) / 2;
  stamp(overlay, ink, x, (height - ink.height) / 2, isLight(background) ? black : white);
  return overlay;
}

function drawLabel(text: string, sizePx: number, maxWidthPx: number, muted: boolean): Overlay {
  const sign = muted ? mutedMask(even(sizePx * 1.15)) : undefined;
  const padding = even(sizePx * 0.45);
  const gap = sign === undefined || text === '' ? 0 : even(sizePx * 0.3);
  const signWidth = sign === undefined ? 0 : sign.width + gap;
  const room = Math.max(8, maxWidthPx - 2 * padding - signWidth);
  const height = even(sizePx * 1.65);
  const options = { sizePx, maxWidthPx: room, bold: false };
  const name = text === '' ? undefined : cutRows(native.renderText(text, options), height);
  if (name === undefined && sign === undefined) return emptyOverlay(2, 2, black);
  const width = 2 * padding + signWidth + (name?.width ?? 0);
  const overlay = emptyOverlay(width, height, black);
  const box = roundedMask(width, height, sizePx * 0.35);
  box.mask.forEach((covered, index) => {
    overlay.alpha[index] = (covered * boxAlpha) / 255;
  });
  if (sign !== undefined) print(overlay, sign, padding, (height - sign.height) / 2, mutedColor);
  if (name !== undefined) print(overlay, name, padding + signWidth, (height - name.height) / 2, white);
  return overlay;
}

/** Ink that is opaque where it is, whatever is under it. */
function print(overlay: Overlay, ink: TextMask, x: number, y: number, color: YuvColor): void {
  const left = x & ~1;
  const top = y & ~1;
  stamp(overlay, ink, left, top, color);
  for (let row = 0; row < ink.height; row += 1) {
    for (let column = 0; column < ink.width; column += 1) {
      const at = (top + row) * overlay.width + left + column;
      overlay.alpha[at] = Math.max(overlay.alpha[at] ?? 0, ink.mask[row * ink.width + column] ?? 0);
    }
  }
}
