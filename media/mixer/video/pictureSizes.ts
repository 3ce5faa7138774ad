import type { RungHeight } from '../contract.ts';

/** All views are composed at this size, 16:9. */
export const canvasWidth = 1280;
export const canvasHeight = 720;

export const rungWidths: Readonly<Record<RungHeight, number>> = { 180: 320, 360: 640, 720: 1280 };

/** Of an I420 picture with even sides. */
export function pictureBytes(width: number, height: number): number {
  return (width * height * 3) / 2;
}
