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
  /** RFC 3323: the far end learns no name of ours at all. */
  readonly anonymous?: boolean;
  readonly ringingMs: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** Calls SIP endpoints, other MCUs and rooms of linked zones. */
export interface Dialler {
  /**
   * A call that goes out when it is joined to its endpoint: `admit` sends the INVITE with the endpoint's offer and resolves once the far end
   * has answered and was acknowledged. It rejects with `unreachable` (no route, no TLS, wrong certificate), `forbidden` (declined),
   * `timeout` (not answered), `not-acceptable`, `closed`.
   */
  call(request: DialRequest): Call;
}
