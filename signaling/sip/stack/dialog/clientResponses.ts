import { errorText } from '#kernel/index.ts';
import type { SipResponse } from '../message/index.ts';
import type { Flow } from '../transport/contract.ts';
import type { ClientExchange } from './ClientExchange.ts';
import { contactUri, isSecure, ourContact } from './contact.ts';
import type { UserAgentContext } from './contract.ts';
import { Dialog } from './Dialog.ts';
import { startOfUac } from './dialogStart.ts';
import { agreeAsUac } from './sessionIntervals.ts';
import { keepSession } from './sessionRefresh.ts';
import { onItsOwn, wayInDialog } from './ways.ts';

/** A response, of the peer or made for it, to a request of an application (RFC 3261 §12.1.2, §12.2.1.2, §13.2.2). */
export function responded(
  exchange: ClientExchange,
  response: SipResponse,
  flow: Flow,
  context: UserAgentContext,
): void {
  if (exchange.finished) again(exchange, response, flow, context);
  else if (exchange.dialog !== undefined) inDialog(exchange, exchange.dialog, response, flow, context);
  else if (exchange.dialogId === '') deliver(exchange, exchange.dialogId, response, flow);
  else outside(exchange, response, flow, context);
}

/** The request may make dialogs: INVITE or SUBSCRIBE. */
function outside(
  exchange: ClientExchange,
  response: SipResponse,
  flow: Flow,
  context: UserAgentContext,
): void {
  if (response.status >= 300) {
    for (const fork of exchange.forks.values()) context.dialogs.remove(fork);
    deliver(exchange, exchange.dialogId, response, flow);
    return;
  }
  if (response.status < 200 && !response.to.parameters.has('tag')) {
    deliver(exchange, exchange.dialogId, response, flow);
    return;
  }
  const dialog = forkOf(exchange, response, flow, context);
  if (response.status < 200 && isRepeatedProvisional(dialog, response)) return;
  context.dialogs.current(dialog);
  if (response.status >= 200) accept(exchange, dialog, response, flow, context);
  deliver(exchange, dialog.id, response, flow);
  if (response.status >= 200 && isUnusable(exchange, response)) void abandon(dialog, response, context);
}

function forkOf(
  exchange: ClientExchange,
  response: SipResponse,
  flow: Flow,
  context: UserAgentContext,
): Dialog {
  const tag = response.to.parameters.get('tag') ?? '';
  const known = exchange.forks.get(tag);
  if (known !== undefined) {
    known.refreshTarget(response);
    return known;
  }
  const dialog = context.dialogs.create(startFor(exchange, response, flow, context));
  exchange.forks.set(tag, dialog);
  return dialog;
}

function startFor(
  { transaction: { request }, owner }: ClientExchange,
  response: SipResponse,
  flow: Flow,
  { options }: UserAgentContext,
): ReturnType<typeof startOfUac> {
  const contact =
    request.headers.list('Contact')[0] ?? ourContact(flow, isSecure(request), options.contactParameters);
  return startOfUac(request, response, { owner, contact, flow });
}

/** The first 2xx: its fork is the dialog, the others were early only. */
function accept(
  exchange: ClientExchange,
  dialog: Dialog,
  response: SipResponse,
  flow: Flow,
  context: UserAgentContext,
): void {
  const { request } = exchange.transaction;
  for (const fork of exchange.forks.values()) if (fork !== dialog) context.dialogs.remove(fork);
  exchange.accepted = dialog;
  dialog.flow = flow;
  dialog.confirm(response.headers.list('Record-Route').reverse());
  if (request.method !== 'INVITE') return;
  dialog.cancelled = exchange.cancelled;
  dialog.localSdp = request.body;
  dialog.unacknowledged = request.cseq.number;
  keepSession(dialog, agreeAsUac(response), context);
  expectAck(dialog, response, context);
}

/** A 2xx that nobody acknowledges would be sent again for half a minute and leave a call that nobody has. */
function expectAck(dialog: Dialog, response: SipResponse, context: UserAgentContext): void {
  const timers = context.transactions.timers();
  timers.after(timers.patienceMs, () => {
    if (dialog.unacknowledged !== response.cseq.number || dialog.state === 'ended') return;
    context.log.warn('the SIP application did not acknowledge an answer in time');
    void abandon(dialog, response, context);
  });
}

/** A request of ours in a dialog. */
function inDialog(
  exchange: ClientExchange,
  dialog: Dialog,
  response: SipResponse,
  flow: Flow,
  context: UserAgentContext,
): void {
  const { request } = exchange.transaction;
  const { status } = response;
  if (status >= 200 && status < 300) succeeded(dialog, exchange, response, context);
  const challenged = status === 401 || status === 407;
  if (request.method === 'BYE' && status >= 200 && !challenged) context.dialogs.remove(dialog);
  deliver(exchange, dialog.id, response, flow);
  if (status === 481 && endsWith481.has(request.method)) {
    context.ender.end(dialog, { cause: 481, text: 'Dialog unknown to peer' }, { peerKnows: true });
  } else if (status === 408 && changesSession.has(request.method)) {
    context.ender.end(dialog, { cause: 408, text: 'No answer in dialog' });
  }
}

function succeeded(
  dialog: Dialog,
  exchange: ClientExchange,
  response: SipResponse,
  context: UserAgentContext,
): void {
  const { request } = exchange.transaction;
  const { method } = request;
  if (changesSession.has(method) || method === 'SUBSCRIBE') dialog.refreshTarget(response);
  if (changesSession.has(method)) {
    if (request.body.length > 0) dialog.localSdp = request.body;
    keepSession(dialog, agreeAsUac(response), context);
  }
  if (method === 'INVITE') {
    dialog.unacknowledged = request.cseq.number;
    expectAck(dialog, response, context);
  }
  const state = request.headers.get('Subscription-State') ?? '';
  if (dialog.method === 'SUBSCRIBE' && method === 'NOTIFY' && /^\s*terminated/i.test(state)) {
    context.dialogs.remove(dialog);
  }
}

/** A further 2xx to INVITE (RFC 3261 §13.2.2.4): the ACK was lost, or another fork answered too. */
function again(exchange: ClientExchange, response: SipResponse, flow: Flow, context: UserAgentContext): void {
  const dialog = exchange.dialog ?? exchange.accepted;
  if (dialog === undefined) return;
  if (response.to.parameters.get('tag') === dialog.remoteTag) {
    const ack = dialog.sentAck;
    if (ack?.sequence === response.cseq.number) ack.flow.send(ack.wire);
    return;
  }
  const fork = new Dialog(dialog.id, startFor(exchange, response, flow, context));
  void abandon(fork, response, context);
}

/** ACK and BYE for an answer that nobody wants. */
async function abandon(
  dialog: Dialog,
  response: SipResponse,
  { transport, dialogs, ender, options, log }: UserAgentContext,
): Promise<void> {
  const sequence = response.cseq.number;
  dialog.unacknowledged = undefined;
  try {
    const flow = await wayInDialog(dialog, transport);
    const parts = dialog.acknowledge(sequence, [['User-Agent', options.userAgent]]);
    const wire = onItsOwn(parts, flow).toBuffer();
    dialog.sentAck = { sequence, wire, flow };
    flow.send(wire);
  } catch (error) {
    log.debug({ error: errorText(error) }, 'no way for an ACK');
  }
  const reason = { cause: 487, text: 'Answer not wanted' };
  if (dialogs.byId(dialog.id) === dialog) ender.end(dialog, reason);
  else ender.bye(dialog, reason);
}

/** Without Contact the dialog has no remote target; without an application it has no purpose. */
function isUnusable({ owner, transaction }: ClientExchange, response: SipResponse): boolean {
  if (transaction.request.method !== 'INVITE') return false;
  return contactUri(response) === undefined || !owner.alive;
}

/** RFC 3262 §4: retransmissions and what overtook an earlier one are dropped. */
function isRepeatedProvisional(dialog: Dialog, response: SipResponse): boolean {
  const sequence = Number(response.headers.get('RSeq') ?? NaN);
  if (Number.isNaN(sequence)) return false;
  const last = dialog.lastReliable;
  if (last !== undefined && sequence !== last + 1) return true;
  dialog.lastReliable = sequence;
  return false;
}

function deliver(exchange: ClientExchange, dialogId: string, response: SipResponse, flow: Flow): void {
  if (response.status >= 200) exchange.finished = true;
  exchange.owner.received(exchange.id, dialogId, response, flow);
}

const changesSession: ReadonlySet<string> = new Set(['INVITE', 'UPDATE']);
/** Others may get 481 for a usage of their own, such as a subscription (RFC 5057). */
const endsWith481: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'INFO', 'OPTIONS', 'MESSAGE']);
