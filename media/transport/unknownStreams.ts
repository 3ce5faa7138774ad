import type { Leg } from './Leg.ts';
import type { UnknownStream } from './worker/workerLog.ts';

/** The worker repeats itself with every packet; a stream that nobody owned is looked at again after this time. */
const retryMs = 1000;
const maxRemembered = 256;

/**
 * Finds the leg of a stream that the worker does not know: a phone with ICE that did not announce its SSRC, or changed it. The
 * worker names the stream but not the transport, so the legs that fit are tried (docs/adr/0002).
 */
export class UnknownStreams {
  readonly #legs: () => readonly Leg[];
  readonly #triedMs = new Map<number, number>();

  constructor(legs: () => readonly Leg[]) {
    this.#legs = legs;
  }

  async find({ ssrc, payloadType }: UnknownStream): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - (this.#triedMs.get(ssrc) ?? -Infinity) < retryMs) return;
    if (this.#triedMs.size >= maxRemembered) this.#triedMs.clear();
    this.#triedMs.set(ssrc, nowMs);
    for (const leg of this.#legs()) {
      if (leg.mayOwn(payloadType) && (await leg.tryStream({ ssrc, payloadType }))) return;
    }
  }
}
