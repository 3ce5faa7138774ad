import { ZonebridgeError, termination, type Termination } from '#kernel/index.ts';
import type { CallOrigin } from '../call.ts';
import type { DialRequest } from '../dial.ts';
import { answerHeaders } from './capabilities.ts';
import type {
  DrachtioApplication,
  DrachtioDialog,
  DrachtioMessage,
  DrachtioRequest,
  DrachtioResponse,
} from './drachtio.ts';
import { refusalOf } from './endings.ts';
import { refuse } from './refusals.ts';
import { SipDialog, type DialogOwner } from './SipDialog.ts';

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
  readonly answered: Promise<Pick<DrachtioMessage, 'body'>>;
  /** What is known of a far end only now. */
  readonly origin?: CallOrigin;
}

/** The far end called us. */
export class AnsweringOpening implements CallOpening {
  readonly #application: DrachtioApplication;
  readonly #request: DrachtioRequest;
  readonly #response: DrachtioResponse;
  readonly #contact: string | undefined;

  constructor(
    application: DrachtioApplication,
    request: DrachtioRequest,
    response: DrachtioResponse,
    contact: string | undefined,
  ) {
    this.#application = application;
    this.#request = request;
    this.#response = response;
    this.#contact = contact;
  }

  async open(sdp: string, owner: DialogOwner): Promise<Opened> {
    const [request, response, contact] = [this.#request, this.#response, this.#contact];
    const dialog = await SipDialog.answer(this.#application, { request, response, contact, sdp }, owner);
    return { dialog, answered: dialog.acknowledged };
  }

  async refuse({ cause }: Termination): Promise<void> {
    await refuse(this.#response, refusalOf(cause));
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
  readonly originOf: (answer: DrachtioMessage, dialog: DrachtioDialog) => CallOrigin;
}

/** We call: an INVITE with our offer. What it carries is this and nothing of whoever is in the room. */
export class InvitingOpening implements CallOpening {
  readonly #options: InvitingOptions;
  #sent: { cancel(): void } | undefined;
  #givenUp = false;

  constructor(options: InvitingOptions) {
    this.#options = options;
    options.request.signal?.addEventListener('abort', () => this.#cancel(), { once: true });
  }

  async open(sdp: string, owner: DialogOwner): Promise<Opened> {
    const { application, request, originOf } = this.#options;
    if (this.#givenUp || request.signal?.aborted === true) throw gaveUp();
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
      this.#cancel();
    }, request.ringingMs);
    try {
      const { dialog, raw, answer } = await SipDialog.invite(
        application,
        { uri: request.uri, headers: this.#headers(), sdp, sent: (sent) => this.#began(sent) },
        owner,
      );
      return { dialog, answered: Promise.resolve({ body: raw.remote.sdp }), origin: originOf(answer, raw) };
    } catch (error) {
      if (late.signal.aborted)
        throw new ZonebridgeError('timeout', 'the call was not answered', { cause: error });
      throw this.#isGivenUp() ? gaveUp() : error;
    } finally {
      clearTimeout(timer);
    }
  }

  refuse(): Promise<void> {
    this.#cancel();
    return Promise.resolve();
  }

  onGivenUp(): void {
    // Who is called says so by his answer.
  }

  /** Method, since it changes while the call rings. */
  #isGivenUp(): boolean {
    return this.#givenUp;
  }

  #began(sent: { cancel(): void }): void {
    this.#sent = sent;
    if (this.#givenUp) sent.cancel();
  }

  #cancel(): void {
    this.#givenUp = true;
    this.#sent?.cancel();
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

function gaveUp(): ZonebridgeError {
  return new ZonebridgeError('closed', 'the call was given up before it was answered');
}
