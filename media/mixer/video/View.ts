import type { StageTile, VideoCodecName } from '#kernel/index.ts';
import { native } from '../../native/index.ts';
import type { MixerPicture, RungHeight } from '../contract.ts';
import { bannerOverlay, canvasColor, noticeOverlay, welcomeSlate, type Overlay } from './drawing/index.ts';
import { slowShare, type Encoding } from './Encoding.ts';
import { PaintedTile } from './PaintedTile.ts';
import { canvasHeight, canvasWidth, pictureBytes } from './pictureSizes.ts';
import { ScaledPictures } from './ScaledPictures.ts';
import { TileMotion } from './stage/index.ts';
import type { VideoPerson } from './VideoPerson.ts';
import type { VideoResources } from './resources.ts';

const { pictures } = native;
/** A slate is sent at this share of the frame rate: often enough to be known to live. */
export const slateShare = 15;

/** A layout and who is in it: one canvas, and the encodings of it. Only what changes is drawn. */
export class View {
  /** `shared`, `alternate`, or the leg that it is made for; for those outside of the room see `slateName`. */
  readonly name: string;
  /** Lines for those outside of the room, who see no more; undefined: a picture of the room. */
  readonly slate: readonly string[] | undefined;
  /** Who is not in it. */
  without: string | undefined;
  readonly encodings: Encoding[] = [];
  readonly canvas = new Uint8Array(pictureBytes(canvasWidth, canvasHeight));
  /** As they are, or are becoming. */
  tiles: readonly StageTile[] = [];
  readonly #scaled: ScaledPictures;
  readonly #resources: VideoResources;
  readonly #motion = new TileMotion(canvasWidth, canvasHeight);
  readonly #painted: PaintedTile[] = [];
  #picture: MixerPicture | undefined;
  #notice: Overlay | undefined;
  #stale = true;
  #due = false;
  /** The canvas has changed since it was last encoded. */
  #fresh = false;

  constructor(name: string, resources: VideoResources, slate?: readonly string[]) {
    this.name = name;
    this.slate = slate;
    this.#resources = resources;
    this.#scaled = new ScaledPictures(this.canvas, resources);
  }

  encoding(codec: VideoCodecName, height: RungHeight): Encoding | undefined {
    return this.encodings.find((encoding) => encoding.codec === codec && encoding.height === height);
  }

  /** Height of the largest picture of it that somebody gets; of the canvas when nobody does. */
  get largest(): number {
    let most = 0;
    for (const { height } of this.encodings) most = Math.max(most, height);
    return most === 0 ? canvasHeight : most;
  }

  setTiles(tiles: readonly StageTile[], picture: MixerPicture, nowMs: number): void {
    this.tiles = tiles;
    this.#picture = picture;
    // What concerns the room is told nobody outside of it.
    const notice = this.slate === undefined ? picture.notice : undefined;
    this.#notice =
      notice === undefined ? undefined : noticeOverlay(this.#resources.overlays, notice, canvasWidth);
    this.#motion.setTarget(tiles, nowMs);
    this.#stale = true;
  }

  /** A frame passes. True when some encoding of it is wanted, so that the view must be drawn. */
  advance(nowMs: number, frameRate: number): boolean {
    this.#due = false;
    for (const encoding of this.encodings) if (encoding.advance(nowMs, frameRate)) this.#due = true;
    return this.#due;
  }

  /** After all views have advanced: draws and encodes this one as far as it is wanted. */
  produce(people: ReadonlyMap<string, VideoPerson>, nowMs: number, wallMs: number): void {
    if (!this.#due) return;
    this.compose(people, nowMs);
    const stillShare = this.slate === undefined ? slowShare : slateShare;
    const least = this.#fresh ? 1 : stillShare;
    this.#fresh = false;
    let first = true;
    for (const encoding of this.encodings) {
      if (!encoding.isDue(least)) continue;
      const done = encoding.encode(this.#scaled.picture(encoding.height), nowMs, wallMs);
      if (done && first) this.#departed();
      if (done) first = false;
      this.#resources.drain();
    }
  }

  /** Draws what has changed. */
  compose(people: ReadonlyMap<string, VideoPerson>, nowMs: number): void {
    const { clockMs, stageMs } = this.#resources;
    const beforeMs = clockMs();
    if (this.#draw(people, nowMs)) {
      this.#scaled.renew();
      this.#fresh = true;
    }
    stageMs.compose += clockMs() - beforeMs;
  }

  picture(height: RungHeight): Uint8Array {
    return this.#scaled.picture(height);
  }

  sweep(): void {
    for (let index = this.encodings.length - 1; index >= 0; index -= 1) {
      const encoding = this.encodings[index];
      if (encoding?.unused !== true) continue;
      encoding.close();
      this.encodings.splice(index, 1);
    }
  }

  close(): void {
    for (const encoding of this.encodings) encoding.close();
    this.encodings.length = 0;
  }

  #draw(people: ReadonlyMap<string, VideoPerson>, nowMs: number): boolean {
    const moved = this.#motion.step(nowMs);
    const all = moved || this.#stale;
    if (this.#stale) this.#match();
    this.#stale = false;
    if (all) this.#clear();
    let changed = all;
    const { current } = this.#motion;
    const floor = canvasHeight - (this.#notice?.height ?? 0);
    for (let index = 0; index < current.length; index += 1) {
      const place = current[index];
      const painted = this.#painted[index];
      if (place === undefined || painted === undefined) continue;
      const person = people.get(painted.legId);
      if (person !== undefined && painted.paint(this.canvas, place, person, nowMs, all, floor))
        changed = true;
    }
    if (changed) this.#drawBars();
    return changed;
  }

  /** A painted tile for each that there is; those that were there stay. */
  #match(): void {
    const before = [...this.#painted];
    this.#painted.length = 0;
    for (const { tile } of this.#motion.current) {
      const known = before.find(({ legId, source }) => legId === tile.legId && source === tile.source);
      this.#painted.push(known ?? new PaintedTile(tile.legId, tile.source, this.#resources.overlays));
    }
  }

  #clear(): void {
    const { canvas } = this;
    const welcome = this.slate ?? this.#picture?.welcome ?? [];
    if (this.tiles.length === 0) canvas.set(welcomeSlate(canvasWidth, canvasHeight, welcome));
    else {
      const { y, u, v } = canvasColor;
      pictures.fill(canvas, canvasWidth, canvasHeight, 0, 0, canvasWidth, canvasHeight, y, u, v);
    }
  }

  #drawBars(): void {
    const banner = this.#picture?.banner;
    if (banner !== undefined)
      this.#blend(bannerOverlay(this.#resources.overlays, banner.text, banner.color, canvasWidth), 0);
    if (this.#notice !== undefined) this.#blend(this.#notice, canvasHeight - this.#notice.height);
  }

  #blend({ picture, alpha, width, height }: Overlay, y: number): void {
    pictures.blend(picture, alpha, width, height, this.canvas, canvasWidth, canvasHeight, 0, y);
  }

  /** The newest pictures on the canvas have left for the first time. */
  #departed(): void {
    const nowMs = this.#resources.clockMs();
    for (const { shown, number } of this.#painted) {
      if (shown === undefined || shown.departedNumber === number) continue;
      shown.departedNumber = number;
      this.#resources.latency.add(nowMs - shown.pictureArrivalMs, nowMs);
    }
  }
}
