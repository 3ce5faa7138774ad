import { parseUri } from '../message/index.ts';
import type { Timers } from '../transaction/index.ts';
import type { Target } from '../transport/contract.ts';

/**
 * drachtio-srf sends a challenged request again to `sip:<address>:<port>` of the server that challenged it. That says
 * neither the transport nor the name that the certificate must have, so the target of the first attempt is kept.
 */
export class PinnedTargets {
  readonly #timers: Timers;
  readonly #byCallId = new Map<string, Target>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  pin(callId: string, target: Target): void {
    this.#byCallId.set(callId, target);
    this.#timers.after(this.#timers.patienceMs, () => this.#byCallId.delete(callId));
  }

  find(callId: string | undefined, nextHop: string): Target | undefined {
    const target = callId === undefined ? undefined : this.#byCallId.get(callId);
    if (target === undefined) return undefined;
    const uri = parseUri(nextHop);
    const sameAddress = uri.host.replace(/^\[|\]$/g, '') === target.address && uri.port === target.port;
    return sameAddress || uri.host === target.domain ? target : undefined;
  }
}
