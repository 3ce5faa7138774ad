import { isSameCode, totpCode, totpPeriodMs, type TotpSecret } from './totp.ts';
import type { UsedCodes } from './UsedCodes.ts';

/** Clocks that go wrong by one step, and people who type slowly (RFC 6238 §5.2). */
const windowSteps = 1;

/** The codes of one secret. Each lets in once only: who looks over a shoulder comes too late (RFC 6238 §5.2). */
export class TotpCodes {
  readonly #secret: TotpSecret;
  readonly #used: UsedCodes;

  constructor(secret: TotpSecret, used: UsedCodes) {
    this.#secret = secret;
    this.#used = used;
  }

  get digits(): number {
    return this.#secret.digits;
  }

  /**
   * True once for each code of this step, the one before and the one after, and not before that is on disk. `nowMs`: since 1970. Throws
   * `unavailable`.
   */
  async take(code: string, nowMs: number): Promise<boolean> {
    const now = Math.floor(nowMs / totpPeriodMs);
    const steps = Array.from({ length: 2 * windowSteps + 1 }, (_, index) => now - windowSteps + index);
    const fitting = steps.filter((step) => step >= 0 && isSameCode(totpCode(this.#secret, step), code));
    if (fitting.every((step) => this.#used.has(this.#secret, step))) return false;
    // Two steps may have the same code by chance; both are used up then.
    await this.#used.use(this.#secret, fitting, now - windowSteps);
    return true;
  }
}
