import { native } from '../../../native/index.ts';
import { speakingColor } from './color.ts';

const { pictures } = native;

/** Around who speaks, on the inside of his tile. */
export function border(
  canvas: Uint8Array,
  canvasWidth: number,
  canvasHeight: number,
  x: number,
  y: number,
  width: number,
  height: number,
  thickness: number,
): void {
  const { y: luma, u, v } = speakingColor;
  const inner = height - 2 * thickness;
  if (width < 2 * thickness || inner < 0) return;
  pictures.fill(canvas, canvasWidth, canvasHeight, x, y, width, thickness, luma, u, v);
  pictures.fill(canvas, canvasWidth, canvasHeight, x, y + height - thickness, width, thickness, luma, u, v);
  pictures.fill(canvas, canvasWidth, canvasHeight, x, y + thickness, thickness, inner, luma, u, v);
  pictures.fill(
    canvas,
    canvasWidth,
    canvasHeight,
    x + width - thickness,
    y + thickness,
    thickness,
    inner,
    luma,
    u,
    v,
  );
}
