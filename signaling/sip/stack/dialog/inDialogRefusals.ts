import { randomInt } from 'node:crypto';
import type { SipRequest } from '../message/index.ts';
import type { UserAgentOptions } from './contract.ts';
import type { Dialog } from './Dialog.ts';
import { isKnownInDialog, notImplemented, refuseAny, type Refusal } from './refusals.ts';
import { refuseInterval } from './sessionIntervals.ts';

/** RFC 3261 §12.2.2, §14.2 and RFC 3311 §5.2 for a request in a dialog; takes its CSeq into account. */
export function refuseInDialog(
  dialog: Dialog,
  request: SipRequest,
  options: UserAgentOptions,
): Refusal | undefined {
  if (!dialog.follow(request)) return { status: 500, reason: 'CSeq Out Of Order' };
  if (!isKnownInDialog(request.method)) return notImplemented;
  if (!dialog.owner.alive) return { status: 481 };
  return (
    refuseAny(request, options.supported) ??
    refuseOverlap(dialog, request) ??
    refusePrack(dialog, request) ??
    refuseInterval(request, options)
  );
}

function refuseOverlap(dialog: Dialog, request: SipRequest): Refusal | undefined {
  const { peerInvite, peerUpdate, ourInvite } = dialog.open;
  const earlier = request.method === 'INVITE' ? peerInvite : peerUpdate;
  if (request.method !== 'INVITE' && request.method !== 'UPDATE') return undefined;
  // An UPDATE may pass the peer's own INVITE, but two of one kind may not be open.
  if (earlier?.pending === true) {
    return { status: 500, headers: [['Retry-After', String(randomInt(0, 11))]] };
  }
  const offers = request.method === 'INVITE' || request.body.length > 0;
  return ourInvite?.pending === true && offers ? { status: 491 } : undefined;
}

/** RFC 3262 §3: a PRACK that no response waits for. */
function refusePrack(dialog: Dialog, request: SipRequest): Refusal | undefined {
  if (request.method !== 'PRACK' || dialog.reliable?.acknowledged(request) === true) return undefined;
  return { status: 481 };
}
