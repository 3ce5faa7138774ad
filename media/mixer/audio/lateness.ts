const binMs = 0.1;
const bins = 2000;

/** A histogram of fixed size: 0.1 ms apart, up to 200 ms. */
export class Lateness {
  readonly #counts = new Uint32Array(bins);
  #total = 0;
  #maxMs = 0;

  add(lateMs: number): void {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(lateMs / binMs)));
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#total += 1;
    if (lateMs > this.#maxMs) this.#maxMs = lateMs;
  }

  /** Milliseconds, the upper edge of a bin. */
  summary(): { readonly p50: number; readonly p99: number; readonly max: number } {
    return { p50: this.#quantileMs(0.5), p99: this.#quantileMs(0.99), max: this.#maxMs };
  }

  #quantileMs(share: number): number {
    let seen = 0;
    for (let bin = 0; bin < bins; bin += 1) {
      seen += this.#counts[bin] ?? 0;
      if (this.#total > 0 && seen >= this.#total * share) return Math.min((bin + 1) * binMs, this.#maxMs);
    }
    return 0;
  }
}
