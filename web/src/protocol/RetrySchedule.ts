const defaultDelaysMs = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000];
/** A call shorter than this does not count as success, or a server that ends each call at once would be asked for ever. */
const stableAfterMs = 30_000;

/** When to try again after the connection was lost: ever later, and not for ever. */
export class RetrySchedule {
  readonly #delaysMs: readonly number[];
  #used = 0;

  constructor(delaysMs: readonly number[] = defaultDelaysMs) {
    this.#delaysMs = delaysMs;
  }

  /** How many attempts there are in all. */
  get attempts(): number {
    return this.#delaysMs.length;
  }

  /** The number of the coming attempt, from 1, and the pause before it; undefined when it is time to give up. */
  next(): { readonly attempt: number; readonly delayMs: number } | undefined {
    const delayMs = this.#delaysMs[this.#used];
    if (delayMs === undefined) return undefined;
    this.#used++;
    // All who lost the same server must not come back in the same moment.
    return { attempt: this.#used, delayMs: Math.round(delayMs * (0.8 + 0.4 * Math.random())) };
  }

  /** A call was up for this long. */
  wasUp(durationMs: number): void {
    if (durationMs >= stableAfterMs) this.reset();
  }

  reset(): void {
    this.#used = 0;
  }
}
