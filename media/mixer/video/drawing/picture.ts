import { native, type TextMask } from '../../../native/index.ts';
import type { YuvColor } from './color.ts';

const { pictures } = native;

/** I420, as `media/native` has it. Width and height are even. */
export interface DrawnPicture {
  readonly width: number;
  readonly height: number;
  readonly picture: Uint8Array;
}

/** All of one colour. */
export function pictureOf(width: number, height: number, color: YuvColor): DrawnPicture {
  const drawn = { width, height, picture: new Uint8Array((width * height * 3) / 2) };
  fill(drawn, 0, 0, width, height, color);
  return drawn;
}

export function fill(
  { picture, width: pictureWidth, height: pictureHeight }: DrawnPicture,
  x: number,
  y: number,
  width: number,
  height: number,
  { y: luma, u, v }: YuvColor,
): void {
  pictures.fill(picture, pictureWidth, pictureHeight, x, y, width, height, luma, u, v);
}

/** The middle of ink that is higher than there is room for, as that of scripts with marks far above and below is. */
export function cutRows(ink: TextMask, most: number): TextMask {
  if (ink.height <= most) return ink;
  const first = even((ink.height - most) / 2);
  return { ...ink, height: most, mask: ink.mask.subarray(first * ink.width, (first + most) * ink.width) };
}

/** Puts ink of one colour on a picture; not at all where it does not fit. */
export function stamp(
  onto: DrawnPicture,
  { mask, width, height }: TextMask,
  x: number,
  y: number,
  ink: YuvColor,
): void {
  const left = x & ~1;
  const top = y & ~1;
  if (left < 0 || top < 0 || left + width > onto.width || top + height > onto.height) return;
  const source = pictureOf(width, height, ink);
  pictures.blend(source.picture, mask, width, height, onto.picture, onto.width, onto.height, left, top);
}

export const even = (value: number): number => Math.round(value / 2) * 2;
