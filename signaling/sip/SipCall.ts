import { randomUUID } from 'node:crypto';
import {
  errorCodeOf,
  errorText,
  SerialQueue,
  termination,
  ZonebridgeError,
  type Log,
  type SessionDescription,
  type Termination,
  type TerminationCause,
} from '#kernel/index.ts';
import type { Call, CallOrigin, CallOwner, Endpoint } from '../call.ts';
import type { RemoteSession } from '../sdp/index.ts';
import { answerIn, sessionBody } from './body.ts';
import { CallSession } from './CallSession.ts';
import { ConferenceSubscription } from './ConferenceSubscription.ts';
import { answerHeaders, mediaControlType, optionsHeaders } from './capabilities.ts';
import type { DialogMethod, DrachtioRequest, DrachtioResponse } from './drachtio.ts';
import { causesOfCalls, causesOfErrors } from './endings.ts';
import { pictureFastUpdate, readInfo } from './info.ts';
import type { CallOpening, Opened } from './openings.ts';
import { refusalOfError, refusals, refuse } from './refusals.ts';
import type { SipDialog } from './SipDialog.ts';

interface SipCallOptions {
  readonly direction: Call['direction'];
  readonly opening: CallOpening;
  readonly room: string;
  readonly displayName: string;
  /** Of a call to us that brings an offer. */
  readonly remote?: RemoteSession | undefined;
  readonly origin: CallOrigin;
  readonly log: Log;
  readonly onEnded: (call: SipCall) => void;
}

/** One phone that wants into a room, or that is called into one: from the INVITE to the end of the dialog. */
export class SipCall implements Call {
  readonly id = randomUUID();
  readonly protocol = 'sip';
  readonly direction: Call['direction'];
  readonly room: string;
  readonly displayName: string;
  readonly offer?: SessionDescription;
  readonly #options: SipCallOptions;
  readonly #log: Log;
  readonly #session: CallSession;
  /** Offers and answers of either side, one after the other. */
  readonly #negotiations = new SerialQueue();
  #origin: CallOrigin;
  #dialog: SipDialog | undefined;
  #roster: ConferenceSubscription | undefined;
  #endpoint: Endpoint | undefined;
  #owner: CallOwner | undefined;
  /** One request at a time, and none any more to who refuses it. */
  #mayAskForKeyFrame = true;
  #ended = false;

  constructor(options: SipCallOptions) {
    const { direction, opening, room, displayName, remote, origin, log } = options;
    this.#options = options;
    this.direction = direction;
    this.room = room;
    this.displayName = displayName;
    this.#origin = origin;
    this.#session = new CallSession(remote);
    const { offer } = this.#session;
    if (offer !== undefined) this.offer = offer;
    this.#log = log.child({ call: this.id });
    opening.onGivenUp((because) => this.#end(because));
  }

  /** Of who is called it is known once he has answered. */
  get origin(): CallOrigin {
    return this.#origin;
  }

  get ended(): boolean {
    return this.#ended;
  }

  async admit(endpoint: Endpoint, owner: CallOwner): Promise<void> {
    if (this.#ended) throw new ZonebridgeError('closed', 'the caller gave up before the answer');
    this.#endpoint = endpoint;
    this.#owner = owner;
    try {
      const { dialog, answered, origin } = await this.#open(this.#session.describe(endpoint));
      this.#dialog = dialog;
      if (origin !== undefined) this.#origin = origin;
      if (this.ended) await dialog.bye('local-hangup');
      const answer = await answered;
      if (this.offer === undefined) await this.#session.accept(endpoint, answerIn(answer));
      if (!this.ended) this.#askForRoster(dialog);
    } catch (error) {
      const because = this.direction === 'in' ? causeOf(error) : causesOfCalls[errorCodeOf(error)];
      await this.hangup(termination(because, errorText(error)));
      throw error;
    }
  }

  async refuse(because: Termination): Promise<void> {
    if (this.#ended) return;
    this.#end(because);
    await this.#options.opening.refuse(because);
  }

  async hangup(because: Termination): Promise<void> {
    const dialog = this.#dialog;
    if (dialog === undefined) return this.refuse(because);
    if (this.#ended) return;
    this.#end(because);
    await dialog.bye(because.cause);
  }

  reoffer(endpoint: Endpoint): Promise<void> {
    return this.#negotiations.run(async () => {
      const dialog = this.#dialog;
      if (dialog === undefined || this.#ended) throw new ZonebridgeError('closed', 'the call has ended');
      this.#endpoint = endpoint;
      const answer = await dialog.offer(this.#session.offerAgain(endpoint));
      await this.#session.accept(endpoint, answerIn(answer));
    });
  }

  showRoster(): void {
    // A phone learns of the others by the conference event package (RFC 4575) or not at all.
  }

  showStage(): void {
    // A phone shows the picture that it is sent, and covers none of it.
  }

  showWaiting(): void {
    // A host on a phone admits by key; it has no list to show.
  }

  showRoomState(): void {
    // What a phone learns of the room is in its picture and in the prompts.
  }

  showRole(): void {
    // A phone shows no controls.
  }

  showMuted(): void {
    // A phone has no mark for it; `*6` ends it.
  }

  showNotice(): void {
    // A phone has no place for a sentence to one person.
  }

  stopSharing(): void {
    // What a phone shares is part of its one picture.
  }

  requestKeyFrame(): void {
    const dialog = this.#dialog;
    if (dialog === undefined || this.#ended || !this.#mayAskForKeyFrame) return;
    this.#mayAskForKeyFrame = false;
    dialog
      .inform(mediaControlType, pictureFastUpdate)
      .then((taken) => {
        this.#mayAskForKeyFrame = taken;
      })
      .catch((error: unknown) => this.#log.debug({ error: errorText(error) }, 'no key frame was asked for'));
  }

  #open(sdp: string): Promise<Opened> {
    return this.#options.opening.open(sdp, {
      ended: (cause) => this.#end(termination(cause)),
      requested: (method, inDialog, answer) => this.#requested(method, inDialog, answer),
    });
  }

  /** Of a far end that says that it is a conference. */
  #askForRoster(dialog: SipDialog): void {
    if (!this.#origin.signs.includes('isfocus')) return;
    const onRoster = (announced: number): void => {
      this.#origin = { ...this.#origin, announced };
    };
    this.#roster = new ConferenceSubscription({ dialog, onRoster, log: this.#log });
    this.#roster.start();
  }

  #requested(method: DialogMethod, request: DrachtioRequest, response: DrachtioResponse): void {
    if (this.#ended) void refuse(response, refusals.noDialog);
    else if (method === 'modify' || method === 'update') this.#offered(method, request, response);
    else if (method === 'info') this.#informed(request, response);
    else if (method === 'options') response.send(200, 'OK', { headers: { ...optionsHeaders } });
    else if (method === 'notify') this.#notified(request, response);
    else
      void refuse(
        response,
        method === 'subscribe' || method === 'publish' ? refusals.event : refusals.method,
      );
  }

  #notified(request: DrachtioRequest, response: DrachtioResponse): void {
    if (this.#roster?.notified(request) === true) response.send(200, 'OK', {});
    else void refuse(response, refusals.noDialog);
  }

  #informed(request: DrachtioRequest, response: DrachtioResponse): void {
    const meaning = readInfo(request);
    if (typeof meaning === 'object' && 'status' in meaning) return void refuse(response, meaning);
    response.send(200, 'OK', {});
    if (typeof meaning === 'object') this.#owner?.digit(meaning.digit);
    else if (meaning === 'key frame wanted') this.#owner?.keyFrameWanted();
  }

  /** A re-INVITE or UPDATE: hold, resume, other codec, video or none. If that fails the call goes on as it was (RFC 3261 §14.2). */
  #offered(method: 'modify' | 'update', request: DrachtioRequest, response: DrachtioResponse): void {
    const body = sessionBody(request);
    if (typeof body !== 'string') return void refuse(response, body);
    const answering = this.#negotiations.run(async () => {
      const endpoint = this.#endpoint;
      if (endpoint === undefined || this.#ended) await refuse(response, refusals.noDialog);
      else if (body !== '') this.#accepted(method, response, await this.#session.answer(endpoint, body));
      else if (method === 'update') response.send(200, 'OK', { headers: { ...answerHeaders } });
      else this.#offerInAnswer(endpoint, response);
    });
    answering.catch((error: unknown) => {
      this.#log.info({ cause: causeOf(error), error: errorText(error) }, 'a new offer was refused');
      void refuse(response, refusalOfError(error));
    });
  }

  #accepted(method: 'modify' | 'update', response: DrachtioResponse, sdp: string): void {
    if (method === 'modify') this.#dialog?.expectAck();
    response.send(200, 'OK', { headers: { ...answerHeaders, 'Content-Type': 'application/sdp' }, body: sdp });
  }

  /** A re-INVITE without SDP asks for our offer; the answer comes in the ACK (RFC 3261 §13.2.1). */
  #offerInAnswer(endpoint: Endpoint, response: DrachtioResponse): void {
    this.#accepted('modify', response, this.#session.offerAgain(endpoint));
    const acknowledged = this.#dialog?.acknowledged;
    this.#negotiations
      .run(async () => {
        const ack = await acknowledged;
        // Some phones leave the answer out when nothing changes.
        if (ack === undefined || ack.body === '') return;
        await this.#session.follow(endpoint, answerIn(ack));
      })
      .catch((error: unknown) => this.hangup(termination(causeOf(error), errorText(error))))
      .catch((error: unknown) => this.#log.warn({ error: errorText(error) }, 'a call could not be ended'));
  }

  #end(because: Termination): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#roster?.[Symbol.dispose]();
    this.#log.debug({ cause: because.cause, detail: because.detail }, 'SIP call over');
    this.#options.onEnded(this);
    this.#owner?.ended(because);
  }
}

function causeOf(error: unknown): TerminationCause {
  return error instanceof ZonebridgeError ? causesOfErrors[error.code] : 'failed';
}
