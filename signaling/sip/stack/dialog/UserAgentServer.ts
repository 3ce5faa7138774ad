import { randomBytes, randomUUID } from 'node:crypto';
import { ZonebridgeError } from '#kernel/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import { cancelOf, type ServerTransaction } from '../transaction/index.ts';
import type { Flow } from '../transport/contract.ts';
import type { Application, ResponseDraft, Sent, UserAgentContext } from './contract.ts';
import type { Dialog } from './Dialog.ts';
import { startOfUas } from './dialogStart.ts';
import { refuseInDialog } from './inDialogRefusals.ts';
import { refuseNew, type Refusal } from './refusals.ts';
import { ReliableProvisional } from './ReliableProvisional.ts';
import { answered } from './serverAnswers.ts';
import type { ServerExchange } from './ServerExchange.ts';
import { ownResponse, serverResponse } from './serverResponse.ts';
import { agreeAsUas, refuseInterval } from './sessionIntervals.ts';

/** A BYE that the application leaves alone is answered for it. */
const byeGuardMs = 5000;

/** RFC 3261 §8.2, §12.2.2, §13.3, §15.1.2: requests of the peers, and the application's answers to them. */
export class UserAgentServer {
  readonly #context: UserAgentContext;
  readonly #exchanges = new Map<string, ServerExchange>();
  readonly #byTransaction = new Map<ServerTransaction, ServerExchange>();
  readonly #toTags = new WeakMap<ServerTransaction, string>();

  constructor(context: UserAgentContext) {
    this.#context = context;
  }

  /** Requests that the application has not answered yet. */
  get pending(): number {
    return this.#exchanges.size;
  }

  requested(transaction: ServerTransaction): void {
    const { request } = transaction;
    const dialog = this.#context.dialogs.of(request);
    if (dialog !== undefined) this.#inDialog(dialog, transaction);
    else if (request.to.parameters.has('tag')) this.#refuse(transaction, { status: 481 });
    else this.#outsideDialogs(transaction);
  }

  /** Sends the application's response. Throws `not-found` when there is nothing to answer, `bad-message`, `closed`. */
  respond(owner: Application, id: string, draft: ResponseDraft): Sent<SipResponse> {
    const exchange = this.#exchanges.get(id);
    if (exchange?.owner !== owner) {
      throw new ZonebridgeError('not-found', 'Response not sent due to unknown transaction');
    }
    const response = serverResponse(exchange, draft, this.#context.options);
    const dialog = this.#dialogFor(exchange, response);
    const reliable = this.#makeReliable(exchange, response);
    const interval = agreeAsUas(exchange.request, response);
    const fate = exchange.transaction.respond(response);
    if (fate !== 'sent') {
      this.#settle(exchange);
      if (!exchange.inDialog && dialog !== undefined) this.#context.dialogs.remove(dialog);
      throw new ZonebridgeError('closed', 'transport for response has been shutdown or closed');
    }
    exchange.toTagSent ||= draft.status > 100;
    exchange.stopGuard();
    if (reliable !== undefined) this.#watchReliable(exchange, reliable, response);
    if (draft.status >= 200) {
      this.#settle(exchange);
      answered(exchange, response, interval, this.#context);
    }
    return { id, dialogId: dialog?.id ?? '', message: response, flow: exchange.transaction.flow };
  }

  /** An ACK for a 2xx: the application hears of the first one (RFC 3261 §13.3.1.4). */
  acknowledged(ack: SipRequest, flow: Flow): void {
    const dialog = this.#context.dialogs.of(ack);
    if (dialog?.answer?.acknowledged(ack.cseq.number) !== true) return;
    dialog.owner.received(randomUUID(), dialog.id, ack, flow);
  }

  cancelled(cancel: SipRequest, invite: ServerTransaction): void {
    const exchange = this.#byTransaction.get(invite);
    if (exchange !== undefined) this.#abort(exchange, cancel);
  }

  toTagOf(invite: ServerTransaction): string {
    return this.#byTransaction.get(invite)?.toTag ?? this.#tagFor(invite);
  }

  /** Nobody can be answered on it any more: to the application that is a CANCEL. */
  flowClosed(flow: Flow): void {
    for (const exchange of [...this.#exchanges.values()]) {
      const lost = exchange.transaction.flow === flow && exchange.request.method === 'INVITE';
      if (lost && !exchange.inDialog) this.#abort(exchange, cancelOf(exchange.request, [flowLost]));
    }
  }

  /** Answers what the application leaves behind. */
  applicationGone(owner: Application): void {
    for (const exchange of [...this.#exchanges.values()]) {
      if (exchange.owner === owner) this.#finish(exchange, unavailable);
    }
  }

  /** Answers everything. */
  closing(): void {
    for (const exchange of [...this.#exchanges.values()]) this.#finish(exchange, unavailable);
  }

  /** The flow of a request that waits for the application's answer, by Call-ID and From tag. */
  flowOf(callId: string, fromTag: string): Flow | undefined {
    for (const { request, transaction } of this.#exchanges.values()) {
      if (request.callId === callId && request.from.parameters.get('tag') === fromTag)
        return transaction.flow;
    }
    return undefined;
  }

  #outsideDialogs(transaction: ServerTransaction): void {
    const { request } = transaction;
    const { options, applications, dialogs } = this.#context;
    const refusal = refuseNew(request, options.supported) ?? refuseInterval(request, options);
    if (refusal !== undefined) return this.#refuse(transaction, refusal);
    const owner = applications.pick(request.method);
    if (owner === undefined || dialogs.count >= options.maxDialogs) {
      return this.#refuse(transaction, unavailable);
    }
    const exchange = this.#open(transaction, owner, undefined);
    this.#guard(exchange, { status: 480 }, options.answerTimeoutMs);
    owner.requested(exchange.id, request, transaction.flow);
  }

  #inDialog(dialog: Dialog, transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const refusal = refuseInDialog(dialog, request, this.#context.options);
    if (refusal !== undefined) return this.#refuse(transaction, refusal);
    if (flow.reliable || !dialog.hasRoutes) dialog.flow = flow;
    const exchange = this.#open(transaction, dialog.owner, dialog);
    if (request.method === 'INVITE') dialog.open.peerInvite = transaction;
    if (request.method === 'UPDATE') dialog.open.peerUpdate = transaction;
    if (request.method === 'BYE') this.#bye(dialog, exchange);
    else this.#guard(exchange, { status: 480 }, this.#context.options.answerTimeoutMs);
    dialog.owner.received(exchange.id, dialog.id, request, flow);
  }

  /** RFC 3261 §15.1.2: what the peer still waits for in the dialog is over. */
  #bye(dialog: Dialog, exchange: ServerExchange): void {
    for (const other of [...this.#exchanges.values()]) {
      if (other.dialog !== dialog || other === exchange) continue;
      if (other.request.method === 'INVITE') this.#abort(other, cancelOf(other.request, []));
      else this.#finish(other, { status: 487 });
    }
    this.#context.dialogs.remove(dialog);
    this.#guard(exchange, { status: 200 }, byeGuardMs);
  }

  #open(transaction: ServerTransaction, owner: Application, dialog: Dialog | undefined): ServerExchange {
    const { request } = transaction;
    const exchange: ServerExchange = {
      id: randomUUID(),
      transaction,
      request,
      owner,
      inDialog: dialog !== undefined,
      toTag: request.to.parameters.get('tag') ?? this.#tagFor(transaction),
      toTagSent: dialog !== undefined,
      dialog,
      stopGuard: () => undefined,
    };
    this.#exchanges.set(exchange.id, exchange);
    this.#byTransaction.set(transaction, exchange);
    if (request.method === 'INVITE') {
      transaction.respond(ownResponse(exchange, { status: 100 }, this.#context.options));
    }
    return exchange;
  }

  #guard(exchange: ServerExchange, answer: Refusal, delayMs: number): void {
    const timers = this.#context.transactions.timers();
    const { method } = exchange.request;
    // A peer gives a request that is no INVITE up after 64*T1: it must hear of it before.
    const limitMs = method === 'INVITE' ? delayMs : Math.min(delayMs, timers.patienceMs * 0.8);
    exchange.stopGuard = timers.after(limitMs, () => {
      this.#context.log.warn({ method }, 'the SIP application did not answer in time');
      this.#finish(exchange, answer);
    });
  }

  /** RFC 3261 §12.1.1: a response of ours that has a tag creates the dialog, early or confirmed. */
  #dialogFor(exchange: ServerExchange, response: SipResponse): Dialog | undefined {
    const { request, transaction, owner, toTag } = exchange;
    const { status } = response;
    const creates = request.method === 'INVITE' || (request.method === 'SUBSCRIBE' && status >= 200);
    if (exchange.dialog === undefined && creates && status > 100 && status < 300) {
      const contact = response.headers.list('Contact')[0] ?? '';
      const start = startOfUas(request, toTag, { owner, contact, flow: transaction.flow });
      exchange.dialog = this.#context.dialogs.create(start);
    }
    return exchange.dialog;
  }

  #makeReliable(exchange: ServerExchange, response: SipResponse): ReliableProvisional | undefined {
    const { dialog, request } = exchange;
    if (dialog === undefined || request.method !== 'INVITE') return undefined;
    if (!ReliableProvisional.wanted(response)) return undefined;
    dialog.reliable ??= new ReliableProvisional(this.#context.transactions.timers(), request);
    dialog.reliable.number(response);
    return dialog.reliable;
  }

  #watchReliable(exchange: ServerExchange, reliable: ReliableProvisional, response: SipResponse): void {
    const resend = (): void => void exchange.transaction.respond(response);
    reliable.watch(resend, () => this.#finish(exchange, { status: 500, reason: 'No PRACK' }));
  }

  /** The INVITE is over without the application: 487 for the peer, a CANCEL for the application. */
  #abort(exchange: ServerExchange, cancel: SipRequest): void {
    const { id, owner, dialog, inDialog, transaction } = exchange;
    this.#finish(exchange, { status: 487 });
    owner.received(id, inDialog ? (dialog?.id ?? '') : '', cancel, transaction.flow);
  }

  #finish(exchange: ServerExchange, refusal: Refusal): void {
    this.#settle(exchange);
    exchange.transaction.respond(ownResponse(exchange, refusal, this.#context.options));
    if (!exchange.inDialog && exchange.dialog !== undefined) this.#context.dialogs.remove(exchange.dialog);
  }

  #settle(exchange: ServerExchange): void {
    const { dialog, transaction } = exchange;
    exchange.stopGuard();
    this.#exchanges.delete(exchange.id);
    this.#byTransaction.delete(transaction);
    if (dialog?.open.peerInvite === transaction) dialog.open.peerInvite = undefined;
    if (dialog?.open.peerUpdate === transaction) dialog.open.peerUpdate = undefined;
    if (transaction.request.method === 'INVITE') dialog?.reliable?.close();
  }

  #refuse(transaction: ServerTransaction, refusal: Refusal): void {
    const exchange = { request: transaction.request, toTag: this.#tagFor(transaction) };
    transaction.respond(ownResponse(exchange, refusal, this.#context.options));
  }

  #tagFor(transaction: ServerTransaction): string {
    const tag = this.#toTags.get(transaction) ?? randomBytes(8).toString('hex');
    this.#toTags.set(transaction, tag);
    return tag;
  }
}

const unavailable: Refusal = { status: 503, headers: [['Retry-After', '10']] };
const flowLost = ['Reason', 'SIP;cause=430;text="Flow Lost"'] as const;
