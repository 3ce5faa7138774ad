import { Closable } from '#kernel/index.ts';

export interface DigitEntryOptions {
  /** With so many the code is complete. */
  readonly most: number;
  /** A pause of so long after a digit completes it, too. */
  readonly betweenMs?: number;
  /** A `#` without digits is a code too: the empty one. */
  readonly mayBeEmpty?: boolean;
  /** Must not throw. What is typed afterwards begins another code. */
  readonly onCode: (code: string) => void;
}

const defaultBetweenMs = 5000;

/**
 * Collects what a phone's keypad types into a code: `#` completes it, so does a pause or the longest length, and `*` starts over. A `#`
 * without digits does nothing unless `mayBeEmpty`. Closed, it takes no more.
 */
export class DigitEntry extends Closable {
  readonly #options: DigitEntryOptions;
  #typed = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DigitEntryOptions) {
    super();
    this.#options = options;
  }

  /** A key: 0 to 9, `*` or `#`; others are not on a phone and do nothing. */
  press(key: string): void {
    if (this.closed) return;
    if (key === '#') this.#complete();
    else if (key === '*') this.#startOver();
    else if (/^\d$/.test(key)) this.#add(key);
  }

  protected release(): void {
    this.#startOver();
  }

  #add(digit: string): void {
    const { most, betweenMs = defaultBetweenMs } = this.#options;
    this.#typed += digit;
    clearTimeout(this.#timer);
    if (this.#typed.length >= most) this.#complete();
    else this.#timer = setTimeout(() => this.#complete(), betweenMs);
  }

  #complete(): void {
    const code = this.#typed;
    this.#startOver();
    if (code !== '' || this.#options.mayBeEmpty === true) this.#options.onCode(code);
  }

  #startOver(): void {
    clearTimeout(this.#timer);
    this.#typed = '';
  }
}
