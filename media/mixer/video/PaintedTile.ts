import { native } from '../../native/index.ts';
import { border, black, labelOverlay, slate, type Overlay, type OverlayCache } from './drawing/index.ts';
import { crop, newCrop } from './layouts/index.ts';
import { canvasHeight, canvasWidth } from './pictureSizes.ts';
import type { MotionTile } from './stage/index.ts';
import type { VideoPerson } from './VideoPerson.ts';
import type { VideoSource } from './VideoSource.ts';

const borderPixels = 4;
const { pictures } = native;

/** One person's tile of a view, as it was last drawn. */
export class PaintedTile {
  readonly legId: string;
  readonly source: 'camera' | 'screen';
  readonly #overlays: OverlayCache;
  readonly #crop = newCrop();
  /** Of the picture that is on the canvas; 0 for a slate. */
  number = -1;
  /** The rest of what is there: whose picture, and the person's look. */
  #drawn: VideoSource | undefined;
  #look = -1;
  #slate: Uint8Array | undefined;
  #slateWidth = 0;
  #slateHeight = 0;
  #slateName = '';

  constructor(legId: string, source: 'camera' | 'screen', overlays: OverlayCache) {
    this.legId = legId;
    this.source = source;
    this.#overlays = overlays;
  }

  /** The source whose newest picture is on the canvas. */
  get shown(): VideoSource | undefined {
    return this.number > 0 ? this.#drawn : undefined;
  }

  /** Draws the tile if it has changed, or if `forced`. True when it did. Below `floor` nothing can be read. */
  paint(
    canvas: Uint8Array,
    place: MotionTile,
    person: VideoPerson,
    nowMs: number,
    forced: boolean,
    floor: number,
  ): boolean {
    const source = person.source(this.source);
    const live = source?.isLive(nowMs) === true ? source : undefined;
    const number = live?.pictureNumber ?? 0;
    if (!forced && live === this.#drawn && number === this.number && person.look === this.#look) return false;
    this.#drawn = live;
    this.number = number;
    this.#look = person.look;
    if (place.width < 4 || place.height < 4) return true;
    if (live === undefined) this.#paintSlate(canvas, place, person.config.label);
    else this.#paintPicture(canvas, place, live);
    if (this.source === 'camera') this.#paintSigns(canvas, place, person, floor);
    return true;
  }

  #paintPicture(canvas: Uint8Array, place: MotionTile, source: VideoSource): void {
    const rectangles = this.#crop;
    crop(place, source.width, source.height, place.tile.fit, rectangles);
    const { targetWidth, targetHeight } = rectangles;
    const { x, y, width, height } = place;
    if (targetWidth < width || targetHeight < height) {
      pictures.fill(canvas, canvasWidth, canvasHeight, x, y, width, height, black.y, black.u, black.v);
    }
    source.draw(canvas, canvasWidth, canvasHeight, rectangles);
  }

  /** While the tile grows, the middle of what it will be. */
  #paintSlate(canvas: Uint8Array, place: MotionTile, name: string): void {
    const { x, y, width, height } = place;
    const slateWidth = Math.max(width, place.settledWidth);
    const slateHeight = Math.max(height, place.settledHeight);
    const picture = this.#slateOf(slateWidth, slateHeight, name);
    const fromX = ((slateWidth - width) / 2) & ~1;
    const fromY = ((slateHeight - height) / 2) & ~1;
    pictures.copy(
      picture,
      slateWidth,
      slateHeight,
      fromX,
      fromY,
      canvas,
      canvasWidth,
      canvasHeight,
      x,
      y,
      width,
      height,
    );
  }

  #slateOf(width: number, height: number, name: string): Uint8Array {
    const same = width === this.#slateWidth && height === this.#slateHeight && name === this.#slateName;
    if (this.#slate !== undefined && same) return this.#slate;
    const picture = slate(width, height, { name });
    this.#slate = picture;
    this.#slateWidth = width;
    this.#slateHeight = height;
    this.#slateName = name;
    return picture;
  }

  #paintSigns(canvas: Uint8Array, place: MotionTile, person: VideoPerson, floor: number): void {
    const { x, y, width, height } = place;
    if (person.speaking) border(canvas, canvasWidth, canvasHeight, x, y, width, height, borderPixels);
    if (!place.settled) return;
    const { label, muted } = person.config;
    const overlay = labelOverlay(this.#overlays, label, width, height, { muted });
    blendInto(canvas, overlay, x + 8, Math.min(y + height, floor) - overlay.height - 8);
  }
}

/** Where it fits. */
function blendInto(canvas: Uint8Array, overlay: Overlay, x: number, y: number): void {
  const { picture, alpha, width, height } = overlay;
  if (x < 0 || y < 0 || x + width > canvasWidth || y + height > canvasHeight) return;
  pictures.blend(picture, alpha, width, height, canvas, canvasWidth, canvasHeight, x & ~1, y & ~1);
}
