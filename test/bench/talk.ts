import { native } from '#media/native/index.ts';

/** I420 pictures; shown to and fro they move without a jump. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly pictures: readonly Uint8Array[];
}

const pictures = 30;
const noiseTable = Int8Array.from({ length: 1 << 16 }, () => Math.round((Math.random() - 0.5) * 5));

/**
 * Something like a person before a webcam: a soft background, a textured head that moves, and the sensor's noise. `seed` gives it colours
 * and a rhythm of its own.
 */
export function talkingHead(width: number, height: number, seed: number): Scene {
  const background = plane(width, height, (x, y) => 110 + 50 * Math.sin(x / 190 + seed) * Math.cos(y / 150));
  const [headWidth, headHeight] = [Math.round(width * 0.15) * 2, Math.round(height * 0.33) * 2];
  const head = plane(
    headWidth,
    headHeight,
    (x, y) => 140 + 30 * Math.sin(x / 6 + seed) * Math.sin(y / 9) + ((x * 7 + y * 13) % 11),
  );
  const chroma = (width * height) / 4;
  background.fill(100 + ((seed * 37) % 60), width * height, width * height + chroma);
  background.fill(110 + ((seed * 53) % 50), width * height + chroma);
  return {
    width,
    height,
    pictures: Array.from({ length: pictures }, (_, frame) => {
      const picture = background.slice();
      const x = 2 * Math.round(width * (0.17 + 0.04 * Math.sin(frame / 6 + seed)));
      const y = 2 * Math.round(height * (0.14 + 0.02 * Math.sin(frame / 4)));
      native.pictures.copy(
        head,
        headWidth,
        headHeight,
        0,
        0,
        picture,
        width,
        height,
        x,
        y,
        headWidth,
        headHeight,
      );
      addNoise(picture, width * height, frame);
      return picture;
    }),
  };
}

/** The picture of frame `index` of an endless show. */
export function pictureAt({ pictures: all }: Scene, index: number): Uint8Array {
  const at = index % (2 * all.length - 2);
  return all[at < all.length ? at : 2 * all.length - 2 - at] ?? new Uint8Array(0);
}

function plane(width: number, height: number, luma: (x: number, y: number) => number): Uint8Array {
  const picture = new Uint8Array((width * height * 3) / 2).fill(128);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) picture[y * width + x] = luma(x, y);
  return picture;
}

function addNoise(picture: Uint8Array, length: number, frame: number): void {
  const shift = frame * 7919;
  for (let index = 0; index < length; index += 1) {
    picture[index] = (picture[index] ?? 0) + (noiseTable[(index + shift) & 0xffff] ?? 0);
  }
}
