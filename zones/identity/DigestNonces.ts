import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { sourceOf } from '#kernel/index.ts';

export interface DigestNoncesOptions {
  readonly lifetimeMs?: number;
  /** Nonces whose counts are remembered; with more, the older ones end early. */
  readonly most?: number;
  readonly nowMs?: () => number;
}

/**
 * Nonces of SIP digest (RFC 7616 §3.3). Each is good for the source that got it, for some minutes, and once for each count. Those that nobody has
 * used are not stored: they carry their time and our seal.
 */
export class DigestNonces {
  readonly #key = randomBytes(32);
  readonly #lifetimeMs: number;
  readonly #most: number;
  readonly #nowMs: () => number;
  /** The highest count, by nonce, in the order of first use. */
  readonly #counts = new Map<string, number>();
  /** Those issued until then are over. */
  #floorMs = 0;

  constructor({ lifetimeMs = 5 * 60_000, most = 10_000, nowMs = Date.now }: DigestNoncesOptions = {}) {
    this.#lifetimeMs = lifetimeMs;
    this.#most = most;
    this.#nowMs = nowMs;
  }

  issue(source: string): string {
    return this.#sealed(`${this.#nowMs().toString(36)}.${randomBytes(9).toString('base64url')}`, source);
  }

  /** Of ours, for this source, and not too old. */
  isCurrent(nonce: string, source: string): boolean {
    const [time = '', random = ''] = nonce.split('.');
    // As text: base64 has several spellings of the same bytes, and each would have counts of its own.
    const [given, made] = [Buffer.from(nonce), Buffer.from(this.#sealed(`${time}.${random}`, source))];
    if (given.length !== made.length || !timingSafeEqual(given, made)) return false;
    const issuedMs = Number.parseInt(time, 36);
    return issuedMs > this.#floorMs && this.#nowMs() - issuedMs < this.#lifetimeMs;
  }

  /** Takes the count `nc`, eight hexadecimal digits, of a nonce that is current; false when it is not above those before. */
  take(nonce: string, nc: string): boolean {
    const count = /^[0-9a-f]{8}$/i.test(nc) ? Number.parseInt(nc, 16) : 0;
    if (count <= (this.#counts.get(nonce) ?? 0)) return false;
    this.#counts.set(nonce, count);
    this.#forget();
    return true;
  }

  #forget(): void {
    for (const [nonce] of this.#counts) {
      const issuedMs = Number.parseInt(nonce, 36);
      const isOver = this.#nowMs() - issuedMs >= this.#lifetimeMs || issuedMs <= this.#floorMs;
      if (!isOver && this.#counts.size <= this.#most) return;
      this.#floorMs = isOver ? this.#floorMs : issuedMs;
      this.#counts.delete(nonce);
    }
  }

  #sealed(content: string, source: string): string {
    const seal = createHmac('sha256', this.#key)
      .update(`${content} ${sourceOf(source)}`)
      .digest();
    return `${content}.${seal.subarray(0, 18).toString('base64url')}`;
  }
}
