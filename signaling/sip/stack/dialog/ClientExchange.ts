import type { ClientTransaction, InviteClient } from '../transaction/index.ts';
import type { Application, RequestDraft } from './contract.ts';
import type { Dialog } from './Dialog.ts';
import type { Way } from './ways.ts';

/** A request that an application sent. */
export interface ClientExchange {
  /** Names it on the control connection. */
  readonly id: string;
  readonly owner: Application;
  readonly draft: RequestDraft;
  /** What the application knows the dialog by, before there is one; '' for requests that make none. */
  readonly dialogId: string;
  /** The request's own dialog; undefined outside. */
  readonly dialog: Dialog | undefined;
  /** Targets that are left; undefined in dialogs. */
  way: Way | undefined;
  transaction: ClientTransaction | InviteClient;
  /** Dialogs that the responses made, by the peer's tag: one for each fork (RFC 3261 §12.1.2). */
  readonly forks: Map<string, Dialog>;
  /** The fork whose 2xx came first. */
  accepted: Dialog | undefined;
  /** The final response was given to the application. */
  finished: boolean;
  /** A CANCEL was asked for. */
  cancelled: boolean;
}
