import type { SipRequest, SipResponse, Via } from '../message/contract.ts';
import { branchCookie } from './hopRequests.ts';

/** RFC 3261 §17.1.3. */
export function clientKey(message: SipRequest | SipResponse): string {
  return `${message.via.parameters.get('branch') ?? ''} ${message.cseq.method}`;
}

/** RFC 3261 §17.2.3; an ACK or CANCEL has the key of the INVITE that it may belong to. */
export function serverKey(request: SipRequest, method: string): string {
  const branch = request.via.parameters.get('branch') ?? '';
  if (branch.startsWith(branchCookie)) return `${branch} ${sentBy(request.via)} ${method}`;
  // RFC 2543 peers: the branch need not be unique. The To tag is left out, as an ACK has one and its INVITE none.
  const { callId, cseq, from, uri } = request;
  return [branch, sentBy(request.via), callId, cseq.number, from.parameters.get('tag'), uri, method].join(
    ' ',
  );
}

/** RFC 3261 §8.2.2.2: requests that came by two ways and are one; undefined inside dialogs. */
export function mergeKey(request: SipRequest): string | undefined {
  if (request.to.parameters.has('tag') || request.method === 'CANCEL') return undefined;
  return `${request.callId} ${request.from.parameters.get('tag') ?? ''} ${request.cseq.number} ${request.method}`;
}

function sentBy(via: Via): string {
  return `${via.host}:${via.port ?? ''}`;
}
