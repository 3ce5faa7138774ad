import type { SipResponse } from '../message/index.ts';
import { AnswerWatch } from './AnswerWatch.ts';
import type { UserAgentContext } from './contract.ts';
import type { Dialog } from './Dialog.ts';
import type { ServerExchange } from './ServerExchange.ts';
import type { SessionInterval } from './sessionIntervals.ts';
import { keepSession } from './sessionRefresh.ts';

const refreshesTarget: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY']);

/** What a final response of ours does to its dialog, once it was sent. */
export function answered(
  exchange: ServerExchange,
  response: SipResponse,
  interval: SessionInterval | undefined,
  context: UserAgentContext,
): void {
  const { dialog, request, inDialog } = exchange;
  if (dialog === undefined || dialog.state === 'ended') return;
  if (response.status >= 300) {
    if (!inDialog) context.dialogs.remove(dialog);
    return;
  }
  if (inDialog && refreshesTarget.has(request.method)) dialog.refreshTarget(request);
  if (!inDialog) dialog.confirm();
  if (request.method === 'INVITE' || request.method === 'UPDATE') {
    if (response.body.length > 0) dialog.localSdp = response.body;
    keepSession(dialog, interval, context);
  }
  if (request.method === 'INVITE') awaitAck(dialog, exchange, response, context);
  if (endsSubscription(dialog, exchange)) context.dialogs.remove(dialog);
}

function awaitAck(
  dialog: Dialog,
  { transaction, request }: ServerExchange,
  response: SipResponse,
  context: UserAgentContext,
): void {
  dialog.answer?.close();
  dialog.answer = new AnswerWatch(context.transactions.timers(), {
    sequence: request.cseq.number,
    resend: () => void transaction.respond(response),
    expired: () => context.ender.end(dialog, { cause: 200, text: 'ACK timeout' }),
  });
}

/** RFC 6665 §4.1.3: the last NOTIFY of a subscription that made the dialog. */
function endsSubscription(dialog: Dialog, { request }: ServerExchange): boolean {
  const state = request.headers.get('Subscription-State') ?? '';
  return dialog.method === 'SUBSCRIBE' && request.method === 'NOTIFY' && /^\s*terminated/i.test(state);
}
