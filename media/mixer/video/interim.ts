import type { LayoutName, StageTile } from '#kernel/index.ts';
import { native } from '../../native/index.ts';
export interface Guest {
  readonly legId: string;
  readonly source: 'camera' | 'screen';
  readonly aspect: number;
}
export function capacityOf(_layout: LayoutName, _guests: readonly Guest[]): number {
  return 16;
}
export function layOut(layout: LayoutName, guests: readonly Guest[]): readonly StageTile[] {
  const shown = layout === '1:0' ? guests.slice(0, 1) : guests.slice(0, 16);
  const side = Math.ceil(Math.sqrt(shown.length));
  return shown.map(({ legId, source }, index) => ({
    legId,
    source,
    x: (index % side) / side,
    y: Math.floor(index / side) / side,
    width: 1 / side,
    height: 1 / side,
    fit: 'cover' as const,
  }));
}
export interface CropRectangles {
  sourceX: number;
  sourceY: number;
  sourceWidth: number;
  sourceHeight: number;
  targetX: number;
  targetY: number;
  targetWidth: number;
  targetHeight: number;
}
export function newCrop(): CropRectangles {
  return {
    sourceX: 0,
    sourceY: 0,
    sourceWidth: 0,
    sourceHeight: 0,
    targetX: 0,
    targetY: 0,
    targetWidth: 0,
    targetHeight: 0,
  };
}
export function crop(
  place: { x: number; y: number; width: number; height: number },
  w: number,
  h: number,
  _fit: string,
  into: CropRectangles,
): void {
  Object.assign(into, {
    sourceX: 0,
    sourceY: 0,
    sourceWidth: w & ~1,
    sourceHeight: h & ~1,
    targetX: place.x,
    targetY: place.y,
    targetWidth: place.width,
    targetHeight: place.height,
  });
}
export class StageSelection {
  order: readonly string[] = [];
  speaker: string | undefined;
  update(
    input: {
      people: readonly { id: string; video: boolean; joinedMs: number }[];
      speaking: readonly string[];
      [key: string]: unknown;
    },
    _nowMs: number,
  ): boolean {
    const first = input.speaking[0];
    this.speaker = first;
    const order = input.people.map(({ id }) => id).sort((a, b) => (a === first ? -1 : b === first ? 1 : 0));
    const changed = order.join() !== this.order.join();
    this.order = order;
    return changed;
  }
}
export function alternateFor(
  layout: LayoutName,
  tiles: readonly StageTile[],
  people: number,
): string | undefined {
  return layout === '1:0' && people > 1 ? tiles[0]?.legId : undefined;
}
export function alternateOrder(
  order: readonly string[],
  legId: string,
  _selection: StageSelection,
): readonly string[] {
  return order.filter((id) => id !== legId);
}
export interface MotionTile {
  tile: StageTile;
  x: number;
  y: number;
  width: number;
  height: number;
  settled: boolean;
  settledWidth: number;
  settledHeight: number;
}
export class TileMotion {
  current: readonly MotionTile[] = [];
  canvasW: number;
  canvasH: number;
  constructor(w: number, h: number) {
    this.canvasW = w;
    this.canvasH = h;
  }
  setTarget(tiles: readonly StageTile[], _nowMs: number): void {
    const even = (v: number): number => Math.round(v / 2) * 2;
    this.current = tiles.map((tile) => {
      const x = even(tile.x * this.canvasW),
        y = even(tile.y * this.canvasH),
        width = Math.min(even(tile.width * this.canvasW), this.canvasW - x),
        height = Math.min(even(tile.height * this.canvasH), this.canvasH - y);
      return { tile, x, y, width, height, settled: true, settledWidth: width, settledHeight: height };
    });
  }
  step(_nowMs: number): boolean {
    return false;
  }
}
export interface Overlay {
  width: number;
  height: number;
  picture: Uint8Array;
  alpha: Uint8Array;
}
export class OverlayCache {
  all = new Map<string, Overlay>();
}
export const black = { y: 16, u: 128, v: 128 };
export const canvasColor = black;
const empty = { width: 16, height: 16, picture: new Uint8Array(384), alpha: new Uint8Array(256) };
export function labelOverlay(
  _c: OverlayCache,
  _t: string,
  _w: number,
  _h: number,
  _o: { muted: boolean },
): Overlay {
  return empty;
}
export function bannerOverlay(_c: OverlayCache, _t: string, _co: string, _w: number): Overlay {
  return empty;
}
export function slate(width: number, height: number, _o: { name: string }): Uint8Array {
  return new Uint8Array((width * height * 3) / 2).fill(60, 0, width * height).fill(128, width * height);
}
export function welcomeSlate(
  width: number,
  height: number,
  _lines: readonly string[],
  _b?: unknown,
): Uint8Array {
  return slate(width, height, { name: '' });
}
export function border(
  canvas: Uint8Array,
  cw: number,
  ch: number,
  x: number,
  y: number,
  w: number,
  _h: number,
  t: number,
): void {
  native.pictures.fill(canvas, cw, ch, x, y, w, t, 200, 128, 128);
}
