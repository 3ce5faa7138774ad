import { Closable } from '#kernel/index.ts';

/**
 * Makes one call. Resolves when it is over, rejects when it was not made; both mean that it is to be made again. Must tell of
 * the moment when it is established, and give up or hang up when the signal says so.
 */
export type DialOnce = (established: () => void, signal: AbortSignal) => Promise<void>;

interface StandingDialOptions {
  readonly redialMs: number;
  readonly random: () => number;
  readonly dial: DialOnce;
}

/** Fewer and fewer tries at a far end that does not answer: at most so many times the interval, and at most so long. */
const backOff = { factor: 16, longestMs: 15 * 60_000 };
/** A pause is longer by up to this part, so that what was lost together is not called together. */
const jitter = 0.2;
/** A call that lasted so long was one; a shorter one counts as a failure. */
const steadyMs = 30_000;

/** One standing call: while it is wanted it is made, and made again after a pause, which doubles as long as it fails. */
export class StandingDial extends Closable {
  readonly #options: StandingDialOptions;
  #attempt: AbortController | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #wanted = false;

  constructor(options: StandingDialOptions) {
    super();
    this.#options = options;
  }

  want(wanted: boolean): void {
    if (wanted === this.#wanted || this.closed) return;
    this.#wanted = wanted;
    if (!wanted) this.#giveUp('nobody else is in the room');
    // A call that is being given up is followed by another when it is over.
    else if (this.#attempt === undefined) void this.#dial();
  }

  protected release(reason: string): void {
    this.#wanted = false;
    this.#giveUp(reason);
  }

  #giveUp(reason: string): void {
    clearTimeout(this.#timer);
    this.#failures = 0;
    this.#attempt?.abort(reason);
  }

  async #dial(): Promise<void> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    let sinceMs = Infinity;
    try {
      await this.#options.dial(() => (sinceMs = Date.now()), attempt.signal);
    } catch {
      // Whoever dials has told why; here only that it failed counts.
    }
    this.#attempt = undefined;
    if (!this.#wanted) return;
    this.#failures = Date.now() - sinceMs >= steadyMs ? 0 : this.#failures + 1;
    const pauseMs = attempt.signal.aborted ? 0 : this.#pauseMs();
    this.#timer = setTimeout(() => void this.#dial(), pauseMs);
  }

  #pauseMs(): number {
    const { redialMs, random } = this.#options;
    const longestMs = Math.max(redialMs, Math.min(backOff.longestMs, backOff.factor * redialMs));
    const pauseMs = Math.min(longestMs, redialMs * 2 ** Math.max(0, this.#failures - 1));
    return Math.round(pauseMs * (1 + jitter * random()));
  }
}
