/** RFC 4733 §2.3: the four bytes of a telephone-event. */
const eventBytes = 4;
const digits = '0123456789*#ABCD';
/** No packet of the event for so long: its end was lost. Senders repeat every 50 ms at most (§2.5.1.2). */
const endTimeoutMs = 250;
const longest = 0xffff;
/** A timestamp further back than this is a new beginning, not a packet that was overtaken. */
const stragglerMs = 5000;

/** Told once per press, at its end. */
export type DigitListener = (digit: string, durationMs: number) => void;

/** Makes key presses of a leg's telephone-event packets, which say each press many times. */
export class TelephoneEvents {
  readonly #clockRateHz: number;
  readonly #onDigit: DigitListener;
  #event = -1;
  /** Of the packets of the event that is being pressed, or of the one that was told last. */
  #timestamp = -1;
  #duration = 0;
  /** Of the segments before, where a press is longer than 65,535 clock units (§2.5.1.3). */
  #durationBefore = 0;
  #lastArrivalMs = 0;

  constructor(clockRateHz: number, onDigit: DigitListener) {
    this.#clockRateHz = clockRateHz;
    this.#onDigit = onDigit;
  }

  receive(data: Uint8Array, offset: number, length: number, timestamp: number, arrivalMs: number): void {
    if (length < eventBytes) return;
    const event = data[offset] ?? 0;
    const isEnd = ((data[offset + 1] ?? 0) & 0x80) !== 0;
    const duration = ((data[offset + 2] ?? 0) << 8) | (data[offset + 3] ?? 0);
    if (event >= digits.length || !this.#belongs(event, timestamp)) return;
    this.#duration = Math.max(this.#duration, duration);
    this.#lastArrivalMs = arrivalMs;
    if (isEnd) this.#tell();
  }

  /** Ends a press whose last packets were lost. */
  tick(nowMs: number): void {
    if (this.#event !== -1 && nowMs - this.#lastArrivalMs > endTimeoutMs) this.#tell();
  }

  /** False for a packet of a press that was told already, or that came after its successor. */
  #belongs(event: number, timestamp: number): boolean {
    const step = (timestamp - this.#timestamp) | 0;
    if (step === 0 && this.#timestamp !== -1) return this.#event === event;
    if (this.#timestamp !== -1 && step < 0 && step > -stragglerMs * (this.#clockRateHz / 1000)) return false;
    const continues = this.#event === event && this.#duration === longest && step === longest;
    if (!continues && this.#event !== -1) this.#tell();
    this.#durationBefore = continues ? this.#durationBefore + this.#duration : 0;
    this.#event = event;
    this.#timestamp = timestamp;
    this.#duration = 0;
    return true;
  }

  #tell(): void {
    const digit = digits[this.#event];
    this.#event = -1;
    if (digit === undefined) return;
    this.#onDigit(digit, Math.round(((this.#durationBefore + this.#duration) * 1000) / this.#clockRateHz));
  }
}
