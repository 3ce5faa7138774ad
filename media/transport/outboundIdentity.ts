import { randomBytes, randomInt } from 'node:crypto';

/** A stream as the mixer makes it: the same for life, whatever happens to workers and transports. */
export interface OutboundIdentity {
  readonly ssrc: number;
  readonly sequenceOffset: number;
  readonly timestampOffset: number;
  readonly cname: string;
}

export function newOutboundIdentity(): OutboundIdentity {
  return {
    ssrc: randomInt(1, 0x1_0000_0000),
    sequenceOffset: randomInt(0x1_0000),
    timestampOffset: randomInt(0x1_0000_0000),
    cname: randomBytes(12).toString('base64url'),
  };
}
