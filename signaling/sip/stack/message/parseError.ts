import { ZonebridgeError } from '#kernel/index.ts';
import type { SipHeaders } from './contract.ts';

/** What could be read of a message that was refused, so that it can be answered. */
export interface UnreadableMessage {
  readonly kind: 'request' | 'response' | 'unknown';
  readonly method?: string;
  /** As far as they could be read; nothing in them is checked but that no value holds CR or LF. */
  readonly headers: SipHeaders;
}

/** A message, or a part of one, that RFC 3261 does not allow. `status` and `reason` are for the answer. */
export class SipParseError extends ZonebridgeError {
  readonly status: number;
  readonly reason: string;
  readonly unreadable: UnreadableMessage | undefined;

  constructor(status: number, reason: string, unreadable?: UnreadableMessage) {
    super('bad-message', `${status} ${reason}`);
    this.status = status;
    this.reason = reason;
    this.unreadable = unreadable;
  }

  /** The same fault with what is known of the whole message. */
  within(unreadable: UnreadableMessage): SipParseError {
    return new SipParseError(this.status, this.reason, unreadable);
  }
}

/** 400 (Bad Request) with a reason phrase that names the fault; the reason must not quote the peer's bytes. */
export function badRequest(reason: string): SipParseError {
  return new SipParseError(400, reason);
}
