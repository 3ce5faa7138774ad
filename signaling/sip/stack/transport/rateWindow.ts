const windowMs = 1_000;

/** Counts by key in windows of one second. Memory is bounded by what one second can bring. */
export class RateWindow {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();
  #startedMs = 0;

  constructor(limitPerSecond: number) {
    this.#limit = limitPerSecond;
  }

  /** False when `key` has used up this second. */
  take(key: string, nowMs: number): boolean {
    if (nowMs - this.#startedMs >= windowMs) {
      this.#counts.clear();
      this.#startedMs = nowMs;
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count <= this.#limit;
  }

  /** Until everybody may go on, milliseconds. */
  remainingMs(nowMs: number): number {
    return Math.max(0, this.#startedMs + windowMs - nowMs);
  }
}
