import { setTimeout as delay } from 'node:timers/promises';
import { ZonebridgeError, type TerminationCause } from '#kernel/index.ts';
import { answerHeaders } from './capabilities.ts';
import {
  dialogMethods,
  type DialogMethod,
  type DialogRequestListener,
  type DrachtioAnswer,
  type DrachtioApplication,
  type DrachtioDialog,
  type DrachtioMessage,
  type DrachtioRequest,
  type DrachtioResponse,
  type Headers,
} from './drachtio.ts';
import { byeReason, causeOfEngine } from './endings.ts';
import { within } from './within.ts';

export interface DialogOwner {
  /** Called once when the dialog ends other than by `bye`. */
  ended(cause: TerminationCause): void;
  /** A request in the dialog; `modify` is a re-INVITE. */
  requested(method: DialogMethod, request: DrachtioRequest, response: DrachtioResponse): void;
}

export interface Answer {
  readonly request: DrachtioRequest;
  readonly response: DrachtioResponse;
  readonly contact: string | undefined;
  readonly sdp: string;
}

export interface Invite {
  readonly uri: string;
  readonly headers: Headers;
  readonly sdp: string;
  /** Called when it has gone out; `cancel` takes it back. */
  readonly sent: (sent: { cancel(): void }) => void;
}

/** What a call of ours came to. */
export interface Invited {
  readonly dialog: SipDialog;
  /** The 2xx. */
  readonly answer: DrachtioMessage;
}

/** By which the engine finds the connection of a dialog. */
export interface DialogId {
  readonly callId: string;
  readonly localTag: string;
}

/** A BYE waits so long for the ACK that must come before it (RFC 3261 §15), and then for its answer. */
const goodbyeMs = 2000;

/** RFC 3261 §14.1: who did not make the call waits up to two seconds after a collision of re-INVITEs. */
const collisionPauseMs = 2000;
const maxCollisions = 4;

/** The dialog of an answered call: ACKs find those who wait for them, and offers of ours their answers. */
export class SipDialog {
  readonly #dialog: DrachtioDialog;
  readonly #ended = new AbortController();
  #ack = Promise.withResolvers<DrachtioMessage>();

  /** Sends 200. Throws `closed` when nobody waits for it any more: cancelled, timed out or the connection gone. */
  static answer(application: DrachtioApplication, answer: Answer, owner: DialogOwner): Promise<SipDialog> {
    const { request, response, contact, sdp } = answer;
    const headers = { ...answerHeaders, ...(contact === undefined ? {} : { Contact: contact }) };
    return new Promise((resolve, reject) => {
      application.createUAS(request, response, { localSdp: sdp, headers }, (failure, dialog) => {
        // Listeners must be there before this returns: a BYE may be next in the same bytes.
        if (dialog !== undefined) resolve(new SipDialog(dialog, owner));
        else reject(new ZonebridgeError('closed', 'the call could not be answered', { cause: failure }));
      });
    });
  }

  /**
   * Sends INVITE, and ACK for its 2xx. Throws `forbidden` (declined), `busy`, `not-acceptable`, `not-found`, `unreachable`. Redirects are not
   * followed, and challenges not answered: nobody gets a password of a zone.
   */
  static invite(application: DrachtioApplication, invite: Invite, owner: DialogOwner): Promise<Invited> {
    const { uri, headers, sdp, sent } = invite;
    return new Promise((resolve, reject) => {
      application.createUAC(
        uri,
        { localSdp: sdp, headers },
        {
          cbRequest: (failure, request) => {
            if (request !== undefined) sent({ cancel: () => request.cancel(() => undefined) });
            else reject(new ZonebridgeError('unreachable', 'the call could not be sent', { cause: failure }));
          },
          cbProvisional: () => undefined,
        },
        (failure, raw) => {
          if (raw === undefined) return reject(refusedCall(failure));
          const dialog = new SipDialog(raw, owner);
          // The library has sent it.
          dialog.#ack.resolve(raw.res);
          resolve({ dialog, answer: raw.res });
        },
      );
    });
  }

  private constructor(dialog: DrachtioDialog, owner: DialogOwner) {
    this.#dialog = dialog;
    this.#ack.promise.catch(() => undefined);
    dialog.on('ack', (ack) => this.#ack.resolve(ack));
    dialog.on('destroy', (bye) => {
      if (this.#end())
        owner.ended(bye.source === 'application' ? causeOfEngine(bye.get('Reason')) : 'remote-hangup');
    });
    for (const method of dialogMethods) {
      const listener: DialogRequestListener = (request, response) =>
        owner.requested(method, request, response);
      dialog.on(method, listener);
    }
  }

  get id(): DialogId {
    return this.#dialog.sip;
  }

  /** The ACK for the latest 200. Rejects with `closed` when the dialog ends before. */
  get acknowledged(): Promise<DrachtioMessage> {
    return this.#ack.promise;
  }

  /** Before another 200 to an INVITE is sent. */
  expectAck(): void {
    this.#ack = Promise.withResolvers<DrachtioMessage>();
    this.#ack.promise.catch(() => undefined);
  }

  /** Sends a re-INVITE and gives the 200. Throws `not-acceptable`, `closed`, `unreachable`. */
  async offer(sdp: string): Promise<DrachtioMessage> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#request('INVITE', sdp, {});
      const { status, reason } = answer;
      if (status < 300) return answer;
      const refused = `the far end refused a new offer: ${status} ${reason}`;
      if (status !== 491) throw new ZonebridgeError('not-acceptable', refused);
      if (attempt === maxCollisions) throw new ZonebridgeError('busy', refused);
      await this.#pause(Math.random() * collisionPauseMs);
    }
  }

  /** Sends an INFO with this body; false when the far end refused it. Throws `closed`, `unreachable`. */
  async inform(contentType: string, body: string): Promise<boolean> {
    const { status } = await this.#request('INFO', body, { 'Content-Type': contentType });
    return status < 300;
  }

  /** Asks for an event package in the dialog; how many seconds that is granted for, undefined when it is refused. Throws `closed`, `unreachable`. */
  async subscribe(event: string, accept: string, seconds: number): Promise<number | undefined> {
    const headers = { Event: event, Accept: accept, Expires: String(seconds) };
    const answer = await this.#request('SUBSCRIBE', '', headers);
    if (answer.status >= 300) return undefined;
    const granted = Number(answer.get('Expires') ?? seconds);
    return Number.isFinite(granted) ? Math.min(seconds, granted) : seconds;
  }

  /** Sends BYE with the cause in its Reason. Resolves when it was answered, or soon. */
  async bye(cause: TerminationCause): Promise<void> {
    const acknowledged = this.#ack.promise;
    const headers = { Reason: byeReason(cause) };
    await within(goodbyeMs, acknowledged);
    if (!this.#end()) return;
    const answered = new Promise<void>((resolve) => this.#dialog.destroy({ headers }, () => resolve()));
    await within(goodbyeMs, answered);
  }

  #request(method: 'INVITE' | 'INFO' | 'SUBSCRIBE', body: string, headers: Headers): Promise<DrachtioAnswer> {
    return new Promise((resolve, reject) => {
      const gone = (): void =>
        reject(new ZonebridgeError('closed', `the call ended before its ${method} was answered`));
      if (this.#ended.signal.aborted) return gone();
      this.#ended.signal.addEventListener('abort', gone, { once: true });
      this.#dialog.request({ method, body, headers }, (failure, answer) => {
        if (answer !== undefined && answer.status < 200) return;
        this.#ended.signal.removeEventListener('abort', gone);
        if (answer !== undefined) resolve(answer);
        else reject(new ZonebridgeError('unreachable', `an ${method} could not be sent`, { cause: failure }));
      });
    });
  }

  async #pause(pauseMs: number): Promise<void> {
    try {
      await delay(pauseMs, undefined, { signal: this.#ended.signal });
    } catch (cause) {
      throw new ZonebridgeError('closed', 'the call ended before its new offer', { cause });
    }
  }

  /** False when it had ended already. */
  #end(): boolean {
    if (this.#ended.signal.aborted) return false;
    this.#ended.abort();
    this.#ack.reject(new ZonebridgeError('closed', 'the call ended before the ACK'));
    return true;
  }
}

/** Why a call of ours did not come about, by the status of the answer to it. */
function refusedCall(failure: unknown): ZonebridgeError {
  const status = Number((failure as { status?: unknown } | null)?.status);
  const cause = { cause: failure };
  if (Number.isNaN(status)) return new ZonebridgeError('unreachable', 'the far end cannot be reached', cause);
  const text = `the far end answered ${status}`;
  if (status === 486 || status === 600) return new ZonebridgeError('busy', text, cause);
  if (status === 403 || status === 603 || status === 401 || status === 407) {
    return new ZonebridgeError('forbidden', text, cause);
  }
  if (status === 404 || status === 604 || status === 484)
    return new ZonebridgeError('not-found', text, cause);
  if (status === 488 || status === 606 || status === 415)
    return new ZonebridgeError('not-acceptable', text, cause);
  if (status === 408 || status === 480 || status === 487) return new ZonebridgeError('timeout', text, cause);
  return new ZonebridgeError('unreachable', text, cause);
}
