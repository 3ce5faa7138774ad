import { Closable, ZonebridgeError, type Log } from '#kernel/index.ts';
import { createRequest, createResponse, type RequestParts } from '../message/index.ts';
import type { SipRequest, SipResponse } from '../message/contract.ts';
import type { Flow, TransportLayer } from '../transport/contract.ts';
import type { ClientListener, ClientTransaction, InviteClient, ServerTransaction } from './contract.ts';
import { newBranch, viaFor } from './hopRequests.ts';
import { InviteClientTransaction } from './InviteClientTransaction.ts';
import { InviteServerTransaction } from './InviteServerTransaction.ts';
import { clientKey, mergeKey, serverKey } from './keys.ts';
import { NonInviteClientTransaction } from './NonInviteClientTransaction.ts';
import { NonInviteServerTransaction } from './NonInviteServerTransaction.ts';
import { Timers, type Scheduler, type Timings } from './Timers.ts';

/** What the layer above does with that which is not settled inside a transaction. */
export interface TransactionUser {
  requested(transaction: ServerTransaction): void;
  /** An ACK for a 2xx, or for nothing that we know. */
  acknowledged(ack: SipRequest, flow: Flow): void;
  /** A CANCEL for a pending INVITE; the CANCEL itself was answered. */
  cancelled(cancel: SipRequest, invite: ServerTransaction): void;
  /** The To tag of our responses to this INVITE. */
  toTagOf(invite: ServerTransaction): string;
}

export interface TransactionLimits {
  /** Server transactions at one time; further requests are answered 503 without state. */
  readonly maxServerTransactions: number;
}

interface Options {
  readonly transport: TransportLayer;
  readonly user: TransactionUser;
  readonly log: Log;
  readonly scheduler: Scheduler;
  readonly timings: Timings;
  readonly limits: TransactionLimits;
}

type AnyServer = InviteServerTransaction | NonInviteServerTransaction;
type AnyClient = InviteClientTransaction | NonInviteClientTransaction;

/** RFC 3261 §17: matches messages to transactions, creates them, and ends them all when it is closed. */
export class TransactionLayer extends Closable {
  readonly #user: TransactionUser;
  readonly #log: Log;
  readonly #timers: Timers;
  readonly #limits: TransactionLimits;
  readonly #servers = new Map<string, AnyServer>();
  readonly #clients = new Map<string, AnyClient>();
  /** Keys of requests outside dialogs whose answer is still open or was yes. */
  readonly #merging = new Map<string, AnyServer>();

  constructor(options: Options) {
    super();
    this.#user = options.user;
    this.#log = options.log;
    this.#limits = options.limits;
    this.#timers = new Timers(options.scheduler, options.timings);
    options.transport.on('request', (request, flow) => this.#request(request, flow));
    options.transport.on('response', (response, flow) => this.#response(response, flow));
    options.transport.on('flowClosed', (flow) => this.#flowClosed(flow));
  }

  get serverCount(): number {
    return this.#servers.size;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** A set of timers that runs by this layer's clock. */
  timers(): Timers {
    return this.#timers.fork();
  }

  sendInvite(draft: RequestParts, flow: Flow, listener: ClientListener): InviteClient {
    this.#mustBeOpen();
    const request = requestOn(flow, draft);
    const key = clientKey(request);
    const transaction = new InviteClientTransaction(request, flow, this.#timers.fork(), {
      listener,
      sendCancel: (cancel) => void this.#sendAlong(cancel, flow, silent),
      ended: () => this.#clients.delete(key),
    });
    this.#clients.set(key, transaction);
    transaction.start();
    return transaction;
  }

  send(draft: RequestParts, flow: Flow, listener: ClientListener): ClientTransaction {
    this.#mustBeOpen();
    return this.#sendAlong(requestOn(flow, draft), flow, listener);
  }

  protected override release(): void {
    for (const transaction of [...this.#servers.values(), ...this.#clients.values()]) transaction.terminate();
    this.#merging.clear();
  }

  #mustBeOpen(): void {
    if (this.closed) throw new ZonebridgeError('closed', 'the SIP transactions are closed');
  }

  #sendAlong(request: SipRequest, flow: Flow, listener: ClientListener): ClientTransaction {
    const key = clientKey(request);
    const ended = (): boolean => this.#clients.delete(key);
    const timers = this.#timers.fork();
    const transaction = new NonInviteClientTransaction(request, flow, timers, { listener, ended });
    this.#clients.set(key, transaction);
    transaction.start();
    return transaction;
  }

  #request(request: SipRequest, flow: Flow): void {
    if (this.closed) return;
    if (request.method === 'ACK') {
      this.#ack(request, flow);
      return;
    }
    const key = serverKey(request, request.method);
    const known = this.#servers.get(key);
    if (known !== undefined) {
      known.retransmitted();
      return;
    }
    if (this.#servers.size >= this.#limits.maxServerTransactions) {
      this.#log.warn(
        { limit: this.#limits.maxServerTransactions },
        'too many SIP transactions, request refused',
      );
      flow.send(overloaded(request).toBuffer());
      return;
    }
    const transaction = this.#newServer(key, request, flow);
    if (request.method === 'CANCEL') this.#cancel(request, transaction);
    else if (!this.#merged(request, transaction)) this.#user.requested(transaction);
  }

  #newServer(key: string, request: SipRequest, flow: Flow): AnyServer {
    const ended = (): void => {
      this.#servers.delete(key);
      const merge = mergeKey(request);
      if (merge !== undefined && this.#merging.get(merge) === transaction) this.#merging.delete(merge);
    };
    const Kind = request.method === 'INVITE' ? InviteServerTransaction : NonInviteServerTransaction;
    const transaction = new Kind(request, flow, this.#timers.fork(), ended);
    this.#servers.set(key, transaction);
    return transaction;
  }

  /** RFC 3261 §8.2.2.2: a second copy of a request that is being served is a loop or a fork that came together. */
  #merged(request: SipRequest, transaction: AnyServer): boolean {
    const key = mergeKey(request);
    if (key === undefined) return false;
    const first = this.#merging.get(key);
    if (first?.pending === true) {
      transaction.respond(createResponse(request, 482));
      return true;
    }
    this.#merging.set(key, transaction);
    return false;
  }

  #ack(ack: SipRequest, flow: Flow): void {
    const invite = this.#servers.get(serverKey(ack, 'INVITE'));
    if (invite instanceof InviteServerTransaction && !invite.accepted) invite.acknowledged();
    else this.#user.acknowledged(ack, flow);
  }

  #cancel(cancel: SipRequest, transaction: AnyServer): void {
    const invite = this.#servers.get(serverKey(cancel, 'INVITE'));
    if (!(invite instanceof InviteServerTransaction)) {
      transaction.respond(createResponse(cancel, 481));
      return;
    }
    transaction.respond(createResponse(cancel, 200, undefined, { toTag: this.#user.toTagOf(invite) }));
    // RFC 3261 §9.2: after a final response it has no effect.
    if (invite.pending) this.#user.cancelled(cancel, invite);
  }

  #response(response: SipResponse, flow: Flow): void {
    this.#clients.get(clientKey(response))?.received(response, flow);
  }

  /** A connection that is gone answers nothing: RFC 3261 §17.1.4. */
  #flowClosed(flow: Flow): void {
    for (const transaction of [...this.#clients.values()]) {
      if (transaction.flow === flow && transaction.pending) transaction.fail('transport');
    }
  }
}

/** The draft has neither Via nor Content-Length yet. */
function requestOn(flow: Flow, draft: RequestParts): SipRequest {
  const via = ['Via', viaFor(flow, newBranch())] as const;
  return createRequest({ ...draft, headers: [via, ...draft.headers] });
}

function overloaded(request: SipRequest): SipResponse {
  const response = createResponse(request, 503);
  response.headers.append('Retry-After', '10');
  return response;
}

const silent: ClientListener = { responded: () => undefined, failed: () => undefined };
