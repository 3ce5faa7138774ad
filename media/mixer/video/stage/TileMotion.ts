import type { StageTile } from '#kernel/index.ts';

const durationMs = 300;

/** A tile on its way to its place, pixels of the canvas, even. The object stays the same while the tile does. */
export interface MotionTile {
  tile: StageTile;
  x: number;
  y: number;
  width: number;
  height: number;
  /** It is where it belongs. */
  settled: boolean;
  /** Its size there. */
  settledWidth: number;
  settledHeight: number;
}

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Moving extends MotionTile {
  from: Rectangle;
  to: Rectangle;
}

const even = (value: number): number => Math.round(value / 2) * 2;

/** Tiles that move smoothly when somebody comes or goes: who is new grows, who left is gone at once. */
export class TileMotion {
  readonly #width: number;
  readonly #height: number;
  #tiles: Moving[] = [];
  #startMs = 0;
  #moving = false;

  constructor(canvasWidth: number, canvasHeight: number) {
    this.#width = canvasWidth;
    this.#height = canvasHeight;
  }

  get current(): readonly MotionTile[] {
    return this.#tiles;
  }

  /** The first tiles of all, and those after an empty picture, are there at once. */
  setTarget(tiles: readonly StageTile[], nowMs: number): void {
    const atOnce = this.#tiles.length === 0;
    const before = this.#tiles;
    this.#tiles = tiles.map((tile) => this.#target(tile, before, atOnce));
    this.#startMs = nowMs;
    this.#moving = this.#tiles.some(({ settled }) => !settled);
  }

  /** True while something moves, and once more when it has arrived. */
  step(nowMs: number): boolean {
    if (!this.#moving) return false;
    const part = Math.min(1, Math.max(0, (nowMs - this.#startMs) / durationMs));
    const eased = 1 - (1 - part) ** 3;
    for (const tile of this.#tiles) if (!tile.settled) advance(tile, eased, part === 1);
    this.#moving = part < 1;
    return true;
  }

  #target(tile: StageTile, before: readonly Moving[], atOnce: boolean): Moving {
    const x0 = even(tile.x * this.#width);
    const y0 = even(tile.y * this.#height);
    const width0 = even((tile.x + tile.width) * this.#width) - x0;
    const to = { x: x0, y: y0, width: width0, height: even((tile.y + tile.height) * this.#height) - y0 };
    const known = before.find(
      ({ tile: { legId, source } }) => legId === tile.legId && source === tile.source,
    );
    const { x, y, width, height } = known ?? (atOnce ? to : centreOf(to));
    const settled = x === to.x && y === to.y && width === to.width && height === to.height;
    const moving = { from: { x, y, width, height }, to, tile, settled };
    const place = { x, y, width, height, settledWidth: to.width, settledHeight: to.height };
    return known === undefined ? { ...moving, ...place } : Object.assign(known, moving, place);
  }
}

function centreOf({ x, y, width, height }: Rectangle): Rectangle {
  return { x: even(x + width / 2), y: even(y + height / 2), width: 0, height: 0 };
}

function advance(tile: Moving, eased: number, arrived: boolean): void {
  const { from, to } = tile;
  tile.x = even(from.x + (to.x - from.x) * eased);
  tile.y = even(from.y + (to.y - from.y) * eased);
  // From the edges, or the far edge of a moving tile would tremble.
  tile.width = even(from.x + from.width + (to.x + to.width - from.x - from.width) * eased) - tile.x;
  tile.height = even(from.y + from.height + (to.y + to.height - from.y - from.height) * eased) - tile.y;
  tile.settled = arrived;
}
