export interface PaceOptions {
  /** Wrong codes that cost nothing. */
  readonly free?: number;
  /** After the first that is not free; each further one doubles it. */
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
  /** A source that does nothing wrong for so long has one wrong code forgotten. */
  readonly forgetMs?: number;
  /** How many sources are remembered; more push out those whose last wrong code is the longest ago. */
  readonly sources?: number;
}

interface Failures {
  count: number;
  /** Of the last wrong code, moved on with each that is forgotten. */
  sinceMs: number;
  /** The source has to wait until then. */
  untilMs: number;
  /** Of the last success that made up for wrong codes. */
  forgivenMs: number;
}

export const defaultFree = 3;

const defaults: Required<PaceOptions> = {
  free: defaultFree,
  firstDelayMs: 1000,
  longestDelayMs: 60_000,
  forgetMs: 5 * 60_000,
  sources: 10_000,
};

/** Slows down sources of wrong codes, each by itself. Times are milliseconds of one clock that the caller chooses. */
export class Pace {
  readonly #options: Required<PaceOptions>;
  /** More wrong codes than this delay no longer, so they need not be remembered either. */
  readonly #most: number;
  /** In the order of the last wrong code. */
  readonly #bySource = new Map<string, Failures>();

  constructor(options: PaceOptions = {}) {
    this.#options = { ...defaults, ...options };
    const { free, firstDelayMs, longestDelayMs } = this.#options;
    this.#most = free + 1 + Math.max(0, Math.ceil(Math.log2(longestDelayMs / firstDelayMs)));
  }

  /** Sources that are remembered. */
  get size(): number {
    return this.#bySource.size;
  }

  /** How long the source has to wait before a code of its counts; 0: not at all. */
  delayMs(source: string, nowMs: number): number {
    const failures = this.#bySource.get(source);
    return failures === undefined ? 0 : Math.max(0, failures.untilMs - nowMs);
  }

  /** A code was looked at and was wrong. */
  failed(source: string, nowMs: number): void {
    const { free, firstDelayMs, longestDelayMs } = this.#options;
    const failures = this.#recall(source, nowMs) ?? {
      count: 0,
      sinceMs: 0,
      untilMs: 0,
      forgivenMs: -Infinity,
    };
    failures.count = Math.min(this.#most, failures.count + 1);
    failures.sinceMs = nowMs;
    const paid = failures.count - free;
    if (paid > 0) failures.untilMs = nowMs + Math.min(longestDelayMs, firstDelayMs * 2 ** (paid - 1));
    this.#bySource.delete(source);
    this.#bySource.set(source, failures);
    this.#forgetOldest();
  }

  /**
   * A code was right: makes up for the free ones, so that a group behind one address can mistype. Only once in a while, or somebody
   * who knows one PIN could guess at another for ever.
   */
  succeeded(source: string, nowMs: number): void {
    const { free, forgetMs } = this.#options;
    const failures = this.#recall(source, nowMs);
    if (failures === undefined || nowMs - failures.forgivenMs < forgetMs) return;
    failures.count = Math.max(0, failures.count - free);
    failures.forgivenMs = nowMs;
  }

  #recall(key: string, nowMs: number): Failures | undefined {
    const failures = this.#bySource.get(key);
    if (failures === undefined) return undefined;
    const { forgetMs } = this.#options;
    const forgotten = Math.max(0, Math.floor((nowMs - failures.sinceMs) / forgetMs));
    failures.count = Math.max(0, failures.count - forgotten);
    failures.sinceMs += forgotten * forgetMs;
    return failures;
  }

  #forgetOldest(): void {
    if (this.#bySource.size <= this.#options.sources) return;
    const [oldest] = this.#bySource.keys();
    if (oldest !== undefined) this.#bySource.delete(oldest);
  }
}
