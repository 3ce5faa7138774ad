import { Closable, errorText, type Log } from '#kernel/index.ts';
import type { SipRequest } from '../message/index.ts';
import {
  TransactionLayer,
  type Scheduler,
  type ServerTransaction,
  type Timings,
  type TransactionLimits,
} from '../transaction/index.ts';
import type { Flow, TransportLayer } from '../transport/contract.ts';
import type { Application, ApplicationRouter, UserAgentContext, UserAgentOptions } from './contract.ts';
import type { Dialog } from './Dialog.ts';
import { DialogEnder, type EndReason } from './DialogEnder.ts';
import { Dialogs } from './Dialogs.ts';
import { UserAgentClient } from './UserAgentClient.ts';
import { UserAgentServer } from './UserAgentServer.ts';
import { wayInDialog } from './ways.ts';

interface Parts {
  readonly transport: TransportLayer;
  readonly applications: ApplicationRouter;
  readonly options: UserAgentOptions;
  readonly limits: TransactionLimits;
  readonly timings: Timings;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

/** RFC 3261's user agent on top of a transport layer: both roles, their dialogs and transactions. */
export class UserAgent extends Closable {
  readonly server: UserAgentServer;
  readonly client: UserAgentClient;
  readonly #context: UserAgentContext;
  #goodbye: Promise<void> | undefined;

  constructor(parts: Parts) {
    super();
    const transactions = this.own(new TransactionLayer({ ...parts, user: this.#transactionUser() }));
    const shared = { ...parts, transactions, dialogs: new Dialogs() };
    this.#context = { ...shared, ender: new DialogEnder(shared) };
    this.server = new UserAgentServer(this.#context);
    this.client = new UserAgentClient(this.#context);
    parts.transport.on('flowClosed', (flow) => this.#flowClosed(flow));
  }

  get counts(): { readonly dialogs: number; readonly transactions: number } {
    const { dialogs, transactions } = this.#context;
    return { dialogs: dialogs.count, transactions: transactions.serverCount + transactions.clientCount };
  }

  /** Where a call of the peer comes from, or where its latest request came from. */
  flowOf(callId: string, fromTag: string): Flow | undefined {
    const pending = this.server.flowOf(callId, fromTag);
    return pending ?? this.#context.dialogs.byId(Dialogs.idOf(callId, fromTag))?.flow;
  }

  /** Ends everything that belongs to an application whose link is gone. */
  applicationGone(owner: Application): void {
    this.server.applicationGone(owner);
    this.client.applicationGone(owner);
    const reason = { cause: 503, text: 'Service gone' };
    for (const dialog of this.#context.dialogs.ofOwner(owner)) this.#context.ender.end(dialog, reason);
  }

  /** Says goodbye to every peer first. */
  override close(reason: string): Promise<void> {
    this.#goodbye ??= this.#endAll(reason);
    return this.#goodbye.then(() => super.close(reason));
  }

  protected override release(): void {
    // Dialogs ended in `close`, transactions were closed as children.
  }

  async #endAll(reason: string): Promise<void> {
    const text = reason.replace(/[^\w .,:;-]/g, '_');
    for (const dialog of this.#context.dialogs.all()) {
      this.#context.ender.end(dialog, { cause: 503, text });
    }
    this.server.closing();
    await this.#context.ender.flushed();
  }

  #transactionUser(): ConstructorParameters<typeof TransactionLayer>[0]['user'] {
    return {
      requested: (transaction: ServerTransaction) => this.server.requested(transaction),
      acknowledged: (ack: SipRequest, flow: Flow) => this.server.acknowledged(ack, flow),
      cancelled: (cancel: SipRequest, invite: ServerTransaction) => this.server.cancelled(cancel, invite),
      toTagOf: (invite: ServerTransaction) => this.server.toTagOf(invite),
    };
  }

  #flowClosed(flow: Flow): void {
    if (this.closed || !flow.reliable) return;
    this.server.flowClosed(flow);
    const stranded = this.#context.dialogs.onFlow(flow);
    if (stranded.length === 0) return;
    const { transactions, options } = this.#context;
    transactions.timers().after(options.flowGraceMs, () => {
      for (const dialog of stranded) if (dialog.flow === flow) void this.#reopen(dialog);
    });
  }

  /** A peer that can be dialled keeps its dialog: closing a connection is no goodbye between servers. */
  async #reopen(dialog: Dialog): Promise<void> {
    const { transport, ender, log } = this.#context;
    try {
      await wayInDialog(dialog, transport);
    } catch (error) {
      log.debug({ error: errorText(error) }, 'the connection of a dialog is lost');
      ender.end(dialog, flowLost, { peerKnows: true });
    }
  }
}

/** RFC 5626 §11.5. */
const flowLost: EndReason = { cause: 430, text: 'Flow lost' };
