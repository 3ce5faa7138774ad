import type { SipRequest } from '../message/index.ts';
import type { Cancel, ServerTransaction } from '../transaction/index.ts';
import type { Application } from './contract.ts';
import type { Dialog } from './Dialog.ts';

/** A request of the peer that an application answers. */
export interface ServerExchange {
  /** Names it on the control connection. */
  readonly id: string;
  readonly transaction: ServerTransaction;
  readonly request: SipRequest;
  readonly owner: Application;
  /** True when the dialog was there before the request. */
  readonly inDialog: boolean;
  /** Of our responses: ours, or what the application gives with its first one. */
  toTag: string;
  toTagSent: boolean;
  /** The request's own, or the one that our responses create. */
  dialog: Dialog | undefined;
  /** Takes back the answer that the user agent gives for a silent application. */
  stopGuard: Cancel;
}
