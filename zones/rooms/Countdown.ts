import { Closable } from '#kernel/index.ts';

export interface CountdownOptions {
  readonly totalMs: number;
  /** Says at its beginning too how long it takes. */
  readonly announced: boolean;
  /** The sentence for `5 minutes` or `30 seconds`. */
  readonly text: (left: string) => string;
  /** Undefined: nothing is to be shown any more. Must not throw. */
  readonly notice: (text: string | undefined) => void;
  /** Must not throw. */
  readonly ended: () => void;
}

const minuteMs = 60_000;
const warnedBeforeMs = [5 * minuteMs, minuteMs];
/** A sentence that says "5 minutes" is soon wrong, so it goes; that of the last minute stays. */
const shownMs = 30_000;

/** Something that ends after a time, with warnings 5 minutes and 1 minute before. Closed early, it takes its notice away. */
export class Countdown extends Closable {
  readonly #options: CountdownOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  #shown = false;

  constructor(options: CountdownOptions) {
    super();
    this.#options = options;
    const { totalMs, announced } = options;
    const warnings = warnedBeforeMs.filter((beforeMs) => beforeMs < totalMs);
    if (announced) this.#warn(totalMs);
    for (const beforeMs of warnings) this.#at(totalMs - beforeMs, () => this.#warn(beforeMs));
    this.#at(totalMs, () => options.ended());
  }

  protected release(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#shown) this.#show(undefined);
  }

  #warn(leftMs: number): void {
    this.#show(this.#options.text(durationText(leftMs)));
    if (leftMs > minuteMs) this.#at(shownMs, () => this.#show(undefined));
  }

  #show(text: string | undefined): void {
    this.#shown = text !== undefined;
    this.#options.notice(text);
  }

  #at(inMs: number, run: () => void): void {
    this.#timers.push(setTimeout(run, inMs));
  }
}

function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [count, unit] = seconds % 60 === 0 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
