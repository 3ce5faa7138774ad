/** Within this time the most counts. */
const windowSeconds = 60;

/**
 * How many people a stream's sender mixes: the CSRCs of its packets (RFC 3550 §5.1), the most of the last minute, since a mixer
 * names only those who speak.
 */
export class Contributors {
  /** The most of each second, in a ring. */
  readonly #seconds = new Uint8Array(windowSeconds);
  #second = 0;

  /** A packet with so many CSRCs, 0..15. */
  count(csrcs: number, nowMs: number): void {
    this.#goTo(nowMs);
    const at = this.#second % windowSeconds;
    if (csrcs > (this.#seconds[at] ?? 0)) this.#seconds[at] = csrcs;
  }

  most(nowMs: number): number {
    this.#goTo(nowMs);
    let most = 0;
    for (let index = 0; index < windowSeconds; index += 1) most = Math.max(most, this.#seconds[index] ?? 0);
    return most;
  }

  #goTo(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second - this.#second >= windowSeconds) this.#seconds.fill(0);
    else for (let old = this.#second + 1; old <= second; old += 1) this.#seconds[old % windowSeconds] = 0;
    this.#second = Math.max(this.#second, second);
  }
}
