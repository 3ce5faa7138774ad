import { ZonebridgeError, termination, type Termination, type TerminationCause } from '#kernel/index.ts';
import type { CallOrigin } from '../call.ts';
import type { DialRequest } from '../dial.ts';
import { answerHeaders } from './capabilities.ts';
import type { DrachtioApplication, DrachtioMessage, DrachtioRequest, DrachtioResponse } from './drachtio.ts';
import type { Refusal } from './endings.ts';
import { refuse } from './refusals.ts';
import { SipDialog, type DialogId, type DialogOwner, type Invited } from './SipDialog.ts';

/** How a call's dialog comes about: by answering an INVITE, or by sending one. */
export interface CallOpening {
  /** Sends our description. Throws `closed` when nobody waits for the answer any more, and what `DialRequest` says. */
  open(sdp: string, owner: DialogOwner): Promise<Opened>;
  /** Before the dialog is there. */
  refuse(because: Termination): Promise<void>;
  /** The far end gives up before the dialog is there. */
  onGivenUp(listener: (because: Termination) => void): void;
}

export interface Opened {
  readonly dialog: SipDialog;
  /** With the far end's description, when ours was the offer. */
  readonly answered: Promise<DrachtioMessage>;
  /** What is known of a far end only now. */
  readonly origin?: CallOrigin;
}

interface AnsweringOptions {
  readonly application: DrachtioApplication;
  readonly request: DrachtioRequest;
  readonly response: DrachtioResponse;
  readonly contact: string | undefined;
  readonly refusalOf: (cause: TerminationCause) => Refusal;
}

/** The far end called us. */
export class AnsweringOpening implements CallOpening {
  readonly #application: DrachtioApplication;
  readonly #request: DrachtioRequest;
  readonly #response: DrachtioResponse;
  readonly #contact: string | undefined;
  readonly #refusalOf: AnsweringOptions['refusalOf'];

  constructor({ application, request, response, contact, refusalOf }: AnsweringOptions) {
    this.#application = application;
    this.#request = request;
    this.#response = response;
    this.#contact = contact;
    this.#refusalOf = refusalOf;
  }

  async open(sdp: string, owner: DialogOwner): Promise<Opened> {
    const [request, response, contact] = [this.#request, this.#response, this.#contact];
    const dialog = await SipDialog.answer(this.#application, { request, response, contact, sdp }, owner);
    return { dialog, answered: dialog.acknowledged };
  }

  async refuse({ cause }: Termination): Promise<void> {
    await refuse(this.#response, this.#refusalOf(cause));
  }

  onGivenUp(listener: (because: Termination) => void): void {
    this.#request.on('cancel', (cancel) => {
      const flowLost = cancel.get('Reason')?.includes('cause=430') === true;
      listener(termination(flowLost ? 'transport-lost' : 'cancelled'));
    });
  }
}

interface InvitingOptions {
  readonly application: DrachtioApplication;
  readonly request: DialRequest;
  /** Domain of ours that the far end sees. */
  readonly domain: string;
  /** What has answered, from the 2xx and the connection it came by. */
  readonly originOf: (answer: DrachtioMessage, dialog: DialogId) => CallOrigin;
}

/** We call: an INVITE with our offer. What it carries is this and nothing of whoever is in the room. */
export class InvitingOpening implements CallOpening {
  readonly #options: InvitingOptions;
  /** Rejects when nobody waits for an answer any more. */
  readonly #givenUp = Promise.withResolvers<never>();
  #sent: { cancel(): void } | undefined;
  #because: TerminationCause | undefined;

  constructor(options: InvitingOptions) {
    this.#options = options;
    this.#givenUp.promise.catch(() => undefined);
  }

  async open(sdp: string, owner: DialogOwner): Promise<Opened> {
    const { request, originOf } = this.#options;
    const aborted = (): void => this.#giveUp('cancelled');
    if (request.signal?.aborted === true) aborted();
    request.signal?.addEventListener('abort', aborted);
    const timer = setTimeout(() => this.#giveUp('no-answer'), request.ringingMs);
    try {
      if (this.#because !== undefined) return await this.#givenUp.promise;
      const invited = this.#invite(sdp, owner);
      const { dialog, answer } = await Promise.race([invited, this.#givenUp.promise]);
      return { dialog, answered: Promise.resolve(answer), origin: originOf(answer, dialog.id) };
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', aborted);
    }
  }

  refuse(): Promise<void> {
    this.#giveUp('cancelled');
    return Promise.resolve();
  }

  onGivenUp(): void {
    // Who is called says so by his answer.
  }

  async #invite(sdp: string, owner: DialogOwner): Promise<Invited> {
    const { application, request } = this.#options;
    const invite = { uri: request.uri, headers: this.#headers(), sdp, sent: this.#began.bind(this) };
    const invited = await SipDialog.invite(application, invite, owner);
    // RFC 3261 §9.1: the answer has crossed our CANCEL, so that the call must be ended like any other.
    if (this.#because !== undefined) await invited.dialog.bye(this.#because);
    return invited;
  }

  #began(sent: { cancel(): void }): void {
    this.#sent = sent;
    if (this.#because !== undefined) sent.cancel();
  }

  #giveUp(because: 'cancelled' | 'no-answer'): void {
    if (this.#because !== undefined) return;
    this.#because = because;
    this.#sent?.cancel();
    this.#givenUp.reject(
      because === 'no-answer'
        ? new ZonebridgeError('timeout', 'the call was not answered')
        : new ZonebridgeError('closed', 'the call was given up before it was answered'),
    );
  }

  /** All that the far end learns beside our description and our address. */
  #headers(): Record<string, string> {
    const { request, domain } = this.#options;
    const { fromUser, displayName, anonymous } = request;
    const from =
      anonymous === true
        ? '"Anonymous" <sip:anonymous@anonymous.invalid>'
        : `"${displayName.replace(/["\\\r\n]/g, '')}" <sip:${encodeURIComponent(fromUser)}@${domain}>`;
    return { ...answerHeaders, From: from, ...(anonymous === true ? { Privacy: 'id' } : {}) };
  }
}
