import { errorText } from '#kernel/index.ts';
import type { RequestParts } from '../message/index.ts';
import type { ClientListener } from '../transaction/index.ts';
import type { UserAgentContext } from './contract.ts';
import type { Dialog } from './Dialog.ts';
import { onItsOwn, wayInDialog } from './ways.ts';

/** Why the user agent itself ends a dialog; it becomes the Reason header (RFC 3326). */
export interface EndReason {
  /** A SIP status code. */
  readonly cause: number;
  readonly text: string;
}

type Context = Omit<UserAgentContext, 'ender'>;

/** Ends dialogs without the application: BYE for the peer, and the application is told. */
export class DialogEnder {
  readonly #context: Context;
  readonly #sending = new Set<Promise<void>>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** `peerKnows`: the peer has no such dialog any more or cannot be reached, so that it gets no BYE. */
  end(dialog: Dialog, reason: EndReason, { peerKnows = false } = {}): void {
    if (dialog.state === 'ended') return;
    const hasBye = dialog.method === 'INVITE' && (dialog.state === 'confirmed' || dialog.role === 'uac');
    const bye = this.#byeFor(dialog, reason);
    this.#context.dialogs.remove(dialog);
    this.#context.log.debug(reason, 'dialog ended by the SIP engine');
    if (hasBye && !peerKnows) this.#send(dialog, bye);
    dialog.owner.endedByUs(dialog.id, onItsOwn(bye, dialog.flow), dialog.flow);
  }

  /** Only tells the peer: for a dialog that the application never had. */
  bye(dialog: Dialog, reason: EndReason): void {
    this.#send(dialog, this.#byeFor(dialog, reason));
  }

  /** Resolves when every BYE so far was handed to its flow. */
  async flushed(): Promise<void> {
    await Promise.all(this.#sending);
  }

  #byeFor(dialog: Dialog, { cause, text }: EndReason): RequestParts {
    return dialog.request('BYE', [
      ['Reason', `SIP;cause=${cause};text="${text}"`],
      ['User-Agent', this.#context.options.userAgent],
    ]);
  }

  #send(dialog: Dialog, bye: RequestParts): void {
    const { transport, transactions, log } = this.#context;
    const sending = wayInDialog(dialog, transport)
      .then((flow) => void transactions.send(bye, flow, ignored))
      .catch((error: unknown) => log.debug({ error: errorText(error) }, 'no way for a BYE'))
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }
}

const ignored: ClientListener = { responded: () => undefined, failed: () => undefined };
