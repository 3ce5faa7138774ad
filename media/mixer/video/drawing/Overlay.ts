import { pictureOf, type DrawnPicture } from './picture.ts';
import type { YuvColor } from './color.ts';

/** A drawn bitmap with transparency: made once, blended each time its tile is drawn. Width and height are even. */
export interface Overlay extends DrawnPicture {
  /** One byte a pixel, 255 for opaque. */
  readonly alpha: Uint8Array;
}

/** Nothing on it yet: all transparent. */
export function emptyOverlay(width: number, height: number, color: YuvColor): Overlay {
  return { ...pictureOf(width, height, color), alpha: new Uint8Array(width * height) };
}

/** Bitmaps by what they show. The one that was not used for longest goes, so those of people who left do not pile up. */
export class OverlayCache {
  readonly #capacity: number;
  readonly #byKey = new Map<string, Overlay>();

  constructor(capacity = 512) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string, draw: () => Overlay): Overlay {
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      this.#byKey.delete(key);
      this.#byKey.set(key, known);
      return known;
    }
    const drawn = draw();
    this.#byKey.set(key, drawn);
    if (this.#byKey.size > this.#capacity) {
      const [oldest] = this.#byKey.keys();
      if (oldest !== undefined) this.#byKey.delete(oldest);
    }
    return drawn;
  }
}
