import { randomInt } from 'node:crypto';
import { errorText } from '#kernel/index.ts';
import type { SipResponse } from '../message/index.ts';
import type { Flow } from '../transport/contract.ts';
import type { HeaderPair, UserAgentContext } from './contract.ts';
import type { Dialog } from './Dialog.ts';
import { agreeAsUac, type SessionInterval } from './sessionIntervals.ts';
import { SessionTimer } from './SessionTimer.ts';
import { onItsOwn, wayInDialog } from './ways.ts';

/** Runs the session interval of a 2xx, or stops the one before when there is none any more (RFC 4028 §7.2, §9). */
export function keepSession(
  dialog: Dialog,
  interval: SessionInterval | undefined,
  context: UserAgentContext,
): void {
  dialog.sessionTimer?.close();
  dialog.sessionTimer = undefined;
  if (interval === undefined || dialog.state === 'ended') return;
  const restart = (next: SessionInterval | undefined): void => keepSession(dialog, next, context);
  dialog.sessionTimer = new SessionTimer(context.transactions.timers(), interval, {
    refresh: () => {
      refresh(dialog, interval, context, restart).catch((error: unknown) =>
        context.log.debug({ error: errorText(error) }, 'no way for a session refresh'),
      );
    },
    expired: () => context.ender.end(dialog, { cause: 408, text: 'Session timer expired' }),
  });
}

/** A re-INVITE with the description that is in force; what fails else lets the session expire. */
async function refresh(
  dialog: Dialog,
  interval: SessionInterval,
  context: UserAgentContext,
  restart: (interval: SessionInterval | undefined) => void,
): Promise<void> {
  const { ourInvite, peerInvite } = dialog.open;
  if (ourInvite?.pending === true || peerInvite?.pending === true || dialog.unacknowledged !== undefined) {
    dialog.sessionTimer?.refreshLater(glareDelayMs(dialog));
    return;
  }
  const parts = dialog.request('INVITE', headersFor(dialog, interval, context), dialog.localSdp);
  const flow = await wayInDialog(dialog, context.transport);
  dialog.open.ourInvite = context.transactions.sendInvite(parts, flow, {
    responded: (response, from) => {
      if (response.status < 200) return;
      if (response.status < 300) {
        acknowledge(dialog, response, from, context);
        restart(agreeAsUac(response) ?? interval);
      } else if (response.status === 491) dialog.sessionTimer?.refreshLater(glareDelayMs(dialog));
      else if (response.status === 481) {
        context.ender.end(dialog, { cause: 481, text: 'Dialog unknown to peer' }, { peerKnows: true });
      }
    },
    failed: () => context.ender.end(dialog, { cause: 408, text: 'Session timer expired' }),
  });
}

function acknowledge(dialog: Dialog, response: SipResponse, flow: Flow, context: UserAgentContext): void {
  dialog.refreshTarget(response);
  const sequence = response.cseq.number;
  const userAgent = ['User-Agent', context.options.userAgent] as const;
  const wire = onItsOwn(dialog.acknowledge(sequence, [userAgent]), flow).toBuffer();
  dialog.sentAck = { sequence, wire, flow };
  flow.send(wire);
}

function headersFor(dialog: Dialog, interval: SessionInterval, { options }: UserAgentContext): HeaderPair[] {
  const contentType: HeaderPair[] = dialog.localSdp.length === 0 ? [] : [['Content-Type', 'application/sdp']];
  return [
    ['Contact', dialog.contact],
    ['Supported', 'timer'],
    ['Session-Expires', `${interval.seconds};refresher=uac`],
    ['Min-SE', String(options.minSessionSeconds)],
    ['User-Agent', options.userAgent],
    ...contentType,
  ];
}

/** RFC 3261 §14.1: the owner of the Call-ID waits longer, so that the two do not meet again. */
function glareDelayMs(dialog: Dialog): number {
  return dialog.role === 'uac' ? randomInt(2100, 4000) : randomInt(10, 2000);
}
