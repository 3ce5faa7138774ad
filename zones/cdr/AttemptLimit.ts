import { sourceOf } from '#kernel/index.ts';

const perSource = 10;
const windowMs = 60_000;
/** As many sources are told apart; of all others together so many attempts are written as of one. */
const maxSources = 1000;

/** Which refused attempts get a record of their own; the others are counted. */
export class AttemptLimit {
  readonly #bySource = new Map<string, number>();
  readonly #summary = new Map<string, number>();
  #windowEndsMs = 0;

  /** False: it was counted for the summary. */
  admits(address: string, cause: string, nowMs: number): boolean {
    if (nowMs >= this.#windowEndsMs) {
      this.#windowEndsMs = nowMs + windowMs;
      this.#bySource.clear();
    }
    const own = sourceOf(address);
    const source = this.#bySource.has(own) || this.#bySource.size < maxSources ? own : 'others';
    const attempts = (this.#bySource.get(source) ?? 0) + 1;
    this.#bySource.set(source, attempts);
    if (attempts <= perSource) return true;
    this.#summary.set(cause, (this.#summary.get(cause) ?? 0) + 1);
    return false;
  }

  /** What was counted since the last time, by cause; undefined when nothing was. */
  takeSummary(): Readonly<Record<string, number>> | undefined {
    if (this.#summary.size === 0) return undefined;
    const summary = Object.fromEntries(this.#summary);
    this.#summary.clear();
    return summary;
  }
}
