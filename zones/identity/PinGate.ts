import { sourceOf } from '#kernel/index.ts';
import type { PinGateQueue } from './PinGateQueue.ts';
import type { SourcePace } from './SourcePace.ts';
import type { TotpCodes } from './TotpCodes.ts';
import { pinPattern, verifyPin } from './pin.ts';

export interface PinGateOptions {
  /** Argon2id, PHC string, of the room's config. */
  readonly hostPin?: string;
  readonly guestPin?: string;
  readonly totp?: TotpCodes;
  /** Of the zone: who guesses at one room is slow at all of them. */
  readonly pace: SourcePace;
  /** Of the zone. */
  readonly queue: PinGateQueue;
  /** Whether the PIN is the one of the hash. */
  readonly verify?: (pin: string, hash: string) => Promise<boolean>;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
}

export interface PinVerdict {
  /** `wait`: not looked at, because the source is too fast or too many are typing; the same code may be right later. */
  readonly result: 'host' | 'guest' | 'totp' | 'wrong' | 'wait';
  /** How long until the next code of this source counts; 0: at once. */
  readonly retryInMs: number;
}

/** As `pinPattern` has it; time-based codes are in between. */
const pinDigits = { fewest: 4, most: 16 };

/** When so many type that not even the place in the queue can be told. */
const crowdedMs = 2000;

/** What a code opens: the PINs and the time-based codes of one room. */
export class PinGate {
  readonly #options: PinGateOptions;
  readonly #verify: NonNullable<PinGateOptions['verify']>;
  readonly #nowMs: () => number;

  constructor(options: PinGateOptions) {
    this.#options = options;
    this.#verify = options.verify ?? verifyPin;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /** There is a code that makes somebody a host. */
  get hasHostPin(): boolean {
    return this.#options.hostPin !== undefined;
  }

  /** Nobody comes in without a code. */
  get guestsNeedCode(): boolean {
    return this.#options.guestPin !== undefined || this.#options.totp !== undefined;
  }

  /** Fewest and most digits of a code. */
  get digits(): readonly [number, number] {
    const { hostPin, guestPin, totp } = this.#options;
    if (totp !== undefined && hostPin === undefined && guestPin === undefined)
      return [totp.digits, totp.digits];
    return [pinDigits.fewest, pinDigits.most];
  }

  /**
   * What the code is worth. Rejects only when a hash of the config cannot be used. What cannot be a code costs nothing
   * and tells nothing, so it is `wrong` without a delay.
   */
  async check(code: string, source: string): Promise<PinVerdict> {
    const waitMs = this.#waitMs(source);
    if (waitMs > 0) return { result: 'wait', retryInMs: waitMs };
    if (!pinPattern.test(code)) return { result: 'wrong', retryInMs: 0 };
    const verdict = this.#options.queue.run(sourceOf(source), () => this.#look(code, source));
    return (await verdict) ?? { result: 'wait', retryInMs: crowdedMs };
  }

  async #look(code: string, source: string): Promise<PinVerdict> {
    // Those in front of it in the queue may have been of the same source, and wrong.
    const waitMs = this.#waitMs(source);
    if (waitMs > 0) return { result: 'wait', retryInMs: waitMs };
    const { pace } = this.#options;
    const result = await this.#worth(code);
    if (result === 'wrong') pace.failed(source, this.#nowMs());
    else pace.succeeded(source, this.#nowMs());
    return { result, retryInMs: this.#waitMs(source) };
  }

  /** The cheapest first. */
  async #worth(code: string): Promise<Exclude<PinVerdict['result'], 'wait'>> {
    const { hostPin, guestPin, totp } = this.#options;
    if ((await totp?.take(code, this.#nowMs())) === true) return 'totp';
    if (hostPin !== undefined && (await this.#verify(code, hostPin))) return 'host';
    if (guestPin !== undefined && (await this.#verify(code, guestPin))) return 'guest';
    return 'wrong';
  }

  #waitMs(source: string): number {
    return this.#options.pace.delayMs(source, this.#nowMs());
  }
}
