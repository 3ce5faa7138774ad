import type { Log } from '#kernel/index.ts';
import type { SipHeaders, SipMessage, SipRequest, SipResponse } from '../message/contract.ts';
import type { TransactionLayer } from '../transaction/index.ts';
import type { Flow, TransportLayer } from '../transport/contract.ts';
import type { DialogEnder } from './DialogEnder.ts';
import type { Dialogs } from './Dialogs.ts';

export type HeaderPair = readonly [name: string, value: string];

/** A request as the application wrote it: mandatory header fields may be missing. */
export interface RequestDraft {
  readonly method: string;
  /** Ignored in a dialog, where the remote target is taken. */
  readonly uri: string;
  readonly headers: SipHeaders;
  readonly body: Buffer;
}

export interface ResponseDraft {
  readonly status: number;
  readonly reason: string;
  readonly headers: SipHeaders;
  readonly body: Buffer;
}

/** The application above the user agent: for one request or dialog always the same one. */
export interface Application {
  /** False once nobody would hear it any more. */
  readonly alive: boolean;
  /** A request outside of any dialog. It is answered by the id. */
  requested(id: string, request: SipRequest, flow: Flow): void;
  /** A request in a dialog, a response, ACK, PRACK or CANCEL; `dialogId` is '' when there is no dialog. */
  received(id: string, dialogId: string, message: SipMessage, flow: Flow): void;
  /** The user agent ended a dialog by itself; the BYE says why. It wants no answer. */
  endedByUs(dialogId: string, bye: SipRequest, flow: Flow): void;
}

/** Finds the application for a request outside of dialogs. */
export interface ApplicationRouter {
  pick(method: string): Application | undefined;
}

/** What was sent for the application. */
export interface Sent<M extends SipRequest | SipResponse> {
  /** Of the transaction; responses and CANCEL name it. */
  readonly id: string;
  /** '' outside of dialogs. */
  readonly dialogId: string;
  readonly message: M;
  readonly flow: Flow;
}

export interface UserAgentOptions {
  /** User-Agent of our requests and Server of our responses. */
  readonly userAgent: string;
  /** Header parameters of our own Contact, for example `isfocus` (RFC 3840). */
  readonly contactParameters?: string;
  /** Option tags that a request may require (RFC 3261 §8.2.2.3). */
  readonly supported: readonly string[];
  /** How long the application may take to its first answer before the peer is told 480. */
  readonly answerTimeoutMs: number;
  /** How long after the loss of its connection a dialog waits for the peer to come back. */
  readonly flowGraceMs: number;
  /** RFC 4028 §4: the shortest session interval that we accept, seconds. */
  readonly minSessionSeconds: number;
  readonly maxDialogs: number;
}

/** What the parts of the user agent share. */
export interface UserAgentContext {
  readonly transport: TransportLayer;
  readonly transactions: TransactionLayer;
  readonly dialogs: Dialogs;
  readonly applications: ApplicationRouter;
  readonly options: UserAgentOptions;
  readonly log: Log;
  readonly ender: DialogEnder;
}
