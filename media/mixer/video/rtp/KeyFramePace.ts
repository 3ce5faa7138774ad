/** How often a key frame may be asked for or made. One key frame serves all who asked before it. */
export class KeyFramePace {
  readonly #intervalMs: number;
  #lastMs = -Infinity;
  #waiting = false;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Whether now is the time for it; else `due` says when. */
  request(nowMs: number): boolean {
    this.#waiting = true;
    return this.due(nowMs);
  }

  /** A request came too early for its time, and its time has come now. True once. */
  due(nowMs: number): boolean {
    if (!this.#waiting || nowMs - this.#lastMs < this.#intervalMs) return false;
    this.#waiting = false;
    this.#lastMs = nowMs;
    return true;
  }
}
