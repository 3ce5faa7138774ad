import { randomBytes } from 'node:crypto';
import { createRequest } from '../message/index.ts';
import type { SipRequest, SipResponse } from '../message/contract.ts';
import type { Flow } from '../transport/contract.ts';

/** RFC 3261 §8.1.1.7: the cookie says that the branch alone names the transaction. */
export const branchCookie = 'z9hG4bK';

export function newBranch(): string {
  return branchCookie + randomBytes(16).toString('hex');
}

/** Our Via for a request on this flow; `rport` asks the peer to answer where it came from (RFC 3581). */
export function viaFor(flow: Flow, branch: string): string {
  return `SIP/2.0/${flow.transport.toUpperCase()} ${flow.sentBy};branch=${branch};rport`;
}

/** RFC 3261 §17.1.1.3: the ACK for 300 to 699 belongs to the transaction and goes the way of its INVITE. */
export function acknowledgeFailure(invite: SipRequest, response: SipResponse): SipRequest {
  return sameHop(invite, 'ACK', response.headers.get('To') ?? '');
}

/** RFC 3261 §9.1. */
export function cancelOf(
  invite: SipRequest,
  extraHeaders: Iterable<readonly [name: string, value: string]>,
): SipRequest {
  return sameHop(invite, 'CANCEL', invite.headers.get('To') ?? '', extraHeaders);
}

function sameHop(
  invite: SipRequest,
  method: 'ACK' | 'CANCEL',
  to: string,
  extraHeaders: Iterable<readonly [string, string]> = [],
): SipRequest {
  const headers = [
    ['Via', invite.headers.get('Via') ?? ''],
    ...invite.headers.all('Route').map((route) => ['Route', route] as const),
    ['Max-Forwards', '70'],
    ['From', invite.headers.get('From') ?? ''],
    ['To', to],
    ['Call-ID', invite.callId],
    ['CSeq', `${invite.cseq.number} ${method}`],
    ...extraHeaders,
  ] as const;
  return createRequest({ method, uri: invite.uri, headers });
}
