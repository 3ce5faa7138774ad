import { isSameCode, totpCode, totpPeriodMs, type TotpSecret } from './totp.ts';

/** Clocks that go wrong by one step, and people who type slowly (RFC 6238 §5.2). */
const windowSteps = 1;

/** The codes of one secret. Each lets in once only: who looks over a shoulder comes too late (RFC 6238 §5.2). */
export class TotpCodes {
  readonly #secret: TotpSecret;
  readonly #used = new Set<number>();

  constructor(secret: TotpSecret) {
    this.#secret = secret;
  }

  get digits(): number {
    return this.#secret.digits;
  }

  /** True once for each code of this step, the one before and the one after. `nowMs`: since 1970. */
  take(code: string, nowMs: number): boolean {
    const now = Math.floor(nowMs / totpPeriodMs);
    for (const step of this.#used) if (step < now - windowSteps) this.#used.delete(step);
    const steps = Array.from({ length: 2 * windowSteps + 1 }, (_, index) => now - windowSteps + index);
    const fitting = steps.filter((step) => step >= 0 && isSameCode(totpCode(this.#secret, step), code));
    const unused = fitting.find((step) => !this.#used.has(step));
    if (unused === undefined) return false;
    // Two steps may have the same code by chance; both are used up then.
    for (const step of fitting) this.#used.add(step);
    return true;
  }
}
