import { native } from '../../native/index.ts';
import type { RungHeight } from '../contract.ts';
import { canvasHeight, canvasWidth, pictureBytes, rungWidths } from './pictureSizes.ts';
import type { VideoResources } from './resources.ts';

/** A canvas in the sizes of all rungs: each is made once for a frame, for all codecs, from the next larger one. */
export class ScaledPictures {
  readonly #canvas: Uint8Array;
  readonly #resources: VideoResources;
  #half: Uint8Array | undefined;
  #quarter: Uint8Array | undefined;
  #halfDone = false;
  #quarterDone = false;

  constructor(canvas: Uint8Array, resources: VideoResources) {
    this.#canvas = canvas;
    this.#resources = resources;
  }

  /** The canvas is another. */
  renew(): void {
    this.#halfDone = false;
    this.#quarterDone = false;
  }

  /** Good until the canvas changes. */
  picture(height: RungHeight): Uint8Array {
    if (height === 720) return this.#canvas;
    const { clockMs, stageMs } = this.#resources;
    const beforeMs = clockMs();
    const picture = height === 360 ? this.#halfSize() : this.#quarterSize();
    stageMs.scale += clockMs() - beforeMs;
    return picture;
  }

  #halfSize(): Uint8Array {
    const half = (this.#half ??= new Uint8Array(pictureBytes(rungWidths[360], 360)));
    if (!this.#halfDone)
      native.pictures.scale(this.#canvas, canvasWidth, canvasHeight, half, rungWidths[360], 360);
    this.#halfDone = true;
    return half;
  }

  #quarterSize(): Uint8Array {
    const half = this.#halfSize();
    const quarter = (this.#quarter ??= new Uint8Array(pictureBytes(rungWidths[180], 180)));
    if (!this.#quarterDone) native.pictures.scale(half, rungWidths[360], 360, quarter, rungWidths[180], 180);
    this.#quarterDone = true;
    return quarter;
  }
}
