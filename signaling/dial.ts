import type { Call } from './call.ts';

/** A call that the zone makes. */
export interface DialRequest {
  /** `sips:room@partner.example`, or `sip:` with TLS as the zone's config says. */
  readonly uri: string;
  /** Name of our room that it is for. */
  readonly room: string;
  /** User part of our own URI in From and Contact: what the far end may see. */
  readonly fromUser: string;
  /** Display name in From; what the far end may see. */
  readonly displayName: string;
  readonly ringingMs: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** Calls SIP endpoints, other MCUs and rooms of linked zones. */
export interface Dialler {
  /**
   * Resolves with a call that has been answered, or whose answer will come with `admit`: the INVITE goes out with the offer of the endpoint,
   * and `admit` resolves once the far end has answered and was acknowledged. Rejects: `unreachable` (no route, no TLS, wrong certificate),
   * `forbidden` (declined), `timeout` (not answered), `not-acceptable`.
   */
  call(request: DialRequest): Call;
}
