import type { TextMask } from '../../../native/index.ts';

/** Points a pixel is looked at in, each way: edges are smooth. */
const samples = 4;

/** How much of each pixel a shape covers; `inside` is asked with coordinates in pixels. */
export function shapeMask(
  width: number,
  height: number,
  inside: (x: number, y: number) => boolean,
): TextMask {
  const mask = new Uint8Array(width * height);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      let hits = 0;
      for (let sample = 0; sample < samples * samples; sample += 1) {
        const x = column + ((sample % samples) + 0.5) / samples;
        const y = row + (Math.floor(sample / samples) + 0.5) / samples;
        if (inside(x, y)) hits += 1;
      }
      mask[row * width + column] = Math.round((255 * hits) / (samples * samples));
    }
  }
  return { width, height, mask };
}

export function discMask(size: number): TextMask {
  const radius = size / 2;
  return shapeMask(size, size, (x, y) => Math.hypot(x - radius, y - radius) <= radius);
}

export function roundedMask(width: number, height: number, radius: number): TextMask {
  return shapeMask(width, height, (x, y) => {
    const dx = Math.max(radius - x, x - (width - radius), 0);
    const dy = Math.max(radius - y, y - (height - radius), 0);
    return Math.hypot(dx, dy) <= radius;
  });
}

/** A microphone that is struck through, in a square of `size` pixels. */
export function mutedMask(size: number): TextMask {
  const unit = size / 24;
  return shapeMask(size, size, (px, py) => {
    const x = px / unit;
    const y = py / unit;
    const strike = distance(x, y, 4, 3, 20, 21);
    if (strike < 1.3) return true;
    if (strike < 2.6) return false; // a gap beside the stroke keeps it readable
    const body = distance(x, y, 12, 7, 12, 11) < 3.4;
    const ring = Math.abs(Math.hypot(x - 12, y - 11.5) - 6.5) < 0.9 && y > 11.5;
    const stem = distance(x, y, 12, 18, 12, 21) < 0.9 || distance(x, y, 9, 21, 15, 21) < 0.9;
    return body || ring || stem;
  });
}

/** From a point to a line between two others. */
function distance(x: number, y: number, x1: number, y1: number, x2: number, y2: number): number {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const along = length === 0 ? 0 : ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length ** 2;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - (x1 + t * (x2 - x1)), y - (y1 + t * (y2 - y1)));
}
