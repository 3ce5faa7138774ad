import { Lateness } from '../audio/lateness.ts';

const windowMs = 30_000;

/** How long frames took lately: over the last half minute to minute. */
export class RecentLatency {
  #before = new Lateness();
  #now = new Lateness();
  #startMs = Number.NaN;

  add(latencyMs: number, nowMs: number): void {
    if (Number.isNaN(this.#startMs)) this.#startMs = nowMs;
    if (nowMs - this.#startMs > windowMs) {
      this.#before = this.#now;
      this.#now = new Lateness();
      this.#startMs = nowMs;
    }
    this.#now.add(latencyMs);
    this.#before.add(latencyMs);
  }

  summary(): { readonly p50: number; readonly p99: number; readonly max: number } {
    return this.#before.summary();
  }
}
