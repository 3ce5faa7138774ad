import type { SipRequest, SipResponse } from '../message/contract.ts';
import type { Flow } from '../transport/contract.ts';

/** What became of a response: it left, its flow is gone, or the transaction had already ended. */
export type ResponseFate = 'sent' | 'flow-lost' | 'too-late';

/** One request that arrived, RFC 3261 §17.2. */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** True until a final response was sent. */
  readonly pending: boolean;
  /** An INVITE takes its 2xx again as long as the ACK may be missing (RFC 6026 §7.1). */
  respond(response: SipResponse): ResponseFate;
}

export type ClientFailure = 'timeout' | 'transport';

/** What the transaction user hears of a request that it sent. */
export interface ClientListener {
  /**
   * Each provisional response, the final one, and for INVITE every 2xx again: retransmissions to be acknowledged
   * again, and those of other forks (RFC 6026 §7.2). Never a retransmitted failure.
   */
  responded(response: SipResponse, flow: Flow): void;
  /** No final response came; for the user a 408 or 503 (RFC 3261 §8.1.3.1). Nothing follows. */
  failed(failure: ClientFailure): void;
}

/** One request that was sent, RFC 3261 §17.1. */
export interface ClientTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** True until a final response came or the transaction failed. */
  readonly pending: boolean;
}

export interface InviteClient extends ClientTransaction {
  /** True once a provisional response came: only then a CANCEL may be sent (RFC 3261 §9.1). */
  readonly proceeding: boolean;
  /** Sends CANCEL, at once or after the first provisional response. The end is heard as for any response. */
  cancel(headers: Iterable<readonly [name: string, value: string]>): void;
}
