const binMs = 5;
const bins = 60;
const quantile = 0.97;
/** Weight of the past per packet: about four seconds of 20 ms packets. */
const memory = 0.995;
const baseWindowMs = 2000;
const minTargetMs = 20;
const maxTargetMs = 200;
const initialTargetMs = 40;

/**
 * How long to hold packets back. Transit is arrival time minus media time; the least of the last seconds is the
 * base, which follows clock drift by itself. How far packets exceed it goes into a histogram with decay, and its
 * upper quantile is the delay that makes nearly all of them arrive in time.
 */
export class PlayoutDelay {
  readonly #weights = new Float64Array(bins);
  #packets = 0;
  #windowStartMs = 0;
  #leastMs = 0;
  #leastBeforeMs = 0;
  #targetMs = initialTargetMs;

  /** 20..200 */
  get targetMs(): number {
    return this.#targetMs;
  }

  get baseMs(): number {
    return this.#leastMs < this.#leastBeforeMs ? this.#leastMs : this.#leastBeforeMs;
  }

  /** Another source or another path: the base starts anew, what is known of the jitter stays. */
  rebase(transitMs: number, arrivalMs: number): void {
    this.#leastMs = transitMs;
    this.#leastBeforeMs = transitMs;
    this.#windowStartMs = arrivalMs;
  }

  observe(transitMs: number, arrivalMs: number): void {
    const ageMs = arrivalMs - this.#windowStartMs;
    if (ageMs > baseWindowMs || ageMs < 0) {
      this.#leastBeforeMs = this.#leastMs;
      this.#leastMs = transitMs;
      this.#windowStartMs = arrivalMs;
    } else if (transitMs < this.#leastMs) this.#leastMs = transitMs;
    this.#count(transitMs - this.baseMs);
  }

  #count(excessMs: number): void {
    const kept = Math.min(memory, 1 - 1 / (this.#packets + 1));
    this.#packets += 1;
    const bin = Math.min(bins - 1, Math.floor(excessMs / binMs));
    let sum = 0;
    let reached = bins;
    for (let index = 0; index < bins; index += 1) {
      const weight = (this.#weights[index] ?? 0) * kept + (index === bin ? 1 - kept : 0);
      this.#weights[index] = weight;
      sum += weight;
      if (sum >= quantile && reached === bins) reached = index + 1;
    }
    if (this.#packets < 10) return;
    this.#targetMs = Math.min(maxTargetMs, Math.max(minTargetMs, reached * binMs));
  }
}
