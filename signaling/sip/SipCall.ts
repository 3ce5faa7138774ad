import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  ZonebridgeError,
  errorText,
  type AudioDescription,
  type Log,
  type Termination,
} from '#kernel/index.ts';
import type { Call, CallOrigin, CallOwner, Endpoint } from '../call.ts';
import { readSession, writeAnswer, writeOffer, type RemoteSession } from '../sdp/index.ts';
import { capabilityHeaders, allow } from './capabilities.ts';
import { readDtmfInfo } from './dtmfInfo.ts';
import { causeOfReason, reasonHeader, refusalOf } from './responses.ts';
import type { SrfDialog, SrfMessage, SrfRequest, SrfResponse, SrfUas } from './srfTypes.ts';

/** Timer H of RFC 3261 and a little: the engine gives up first and says so. */
const ackDeadlineMs = 40_000;
const byeDeadlineMs = 3_000;
const sdpHeaders = { 'Content-Type': 'application/sdp' } as const;

export interface SipCallOptions {
  readonly srf: SrfUas;
  readonly request: SrfRequest;
  readonly response: SrfResponse;
  readonly room: string;
  readonly displayName: string;
  readonly origin: CallOrigin;
  /** Absent: late offer. */
  readonly remote?: RemoteSession;
  readonly log: Log;
}

/** One phone's call: its INVITE, then its dialog. */
export class SipCall implements Call {
  readonly id = randomUUID();
  readonly protocol = 'sip';
  readonly room: string;
  readonly displayName: string;
  readonly origin: CallOrigin;
  readonly offer?: AudioDescription;
  readonly #options: SipCallOptions;
  readonly #log: Log;
  /** Aborted when the call ends. */
  readonly #over = new AbortController();
  readonly #sessionId = String(randomInt(1, 2 ** 47));
  #sessionVersion = 1;
  #dialog: SrfDialog | undefined;
  #endpoint: Endpoint | undefined;
  #owner: CallOwner | undefined;
  #ended = false;

  constructor(options: SipCallOptions) {
    this.#options = options;
    this.room = options.room;
    this.displayName = options.displayName;
    this.origin = options.origin;
    const offer = audioOf(options.remote);
    if (offer !== undefined) this.offer = offer;
    this.#log = options.log.child({ call: this.id });
    options.request.on('cancel', () => this.#end({ cause: 'cancelled' }));
  }

  get ended(): boolean {
    return this.#ended;
  }

  async admit(endpoint: Endpoint, owner: CallOwner): Promise<void> {
    if (this.#ended) throw new ZonebridgeError('closed', 'the caller cancelled');
    this.#endpoint = endpoint;
    this.#owner = owner;
    const { srf, request, response, remote } = this.#options;
    const localSdp = remote === undefined ? this.#writeOffer() : this.#writeAnswer(remote);
    try {
      const headers = { ...sdpHeaders, Allow: allow, Supported: capabilityHeaders.Supported };
      this.#dialog = await srf.createUAS(request, response, { localSdp, headers });
      this.#watch(this.#dialog);
      await this.#awaitAck(this.#dialog, remote === undefined);
    } catch (error) {
      const cause = error instanceof ZonebridgeError ? 'not-acceptable' : 'ack-timeout';
      await this.hangup({ cause, detail: errorText(error) });
      throw new ZonebridgeError('closed', 'the call was not established', { cause: error });
    }
  }

  async refuse(termination: Termination): Promise<void> {
    if (this.#ended) return;
    const { status, phrase, headers } = refusalOf(termination.cause);
    this.#end(termination);
    await new Promise<void>((resolve) =>
      this.#options.response.send(status, phrase, { headers }, () => resolve()),
    );
  }

  async hangup(termination: Termination): Promise<void> {
    if (this.#ended) return;
    const dialog = this.#dialog;
    this.#end(termination);
    if (dialog === undefined) return;
    const headers = { Reason: reasonHeader(termination.cause) };
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, byeDeadlineMs);
      dialog.destroy({ headers }, (error) => {
        clearTimeout(timer);
        if (error !== null) this.#log.debug({ error: errorText(error) }, 'BYE was not answered');
        resolve();
      });
    });
  }

  async reoffer(endpoint: Endpoint): Promise<void> {
    if (this.#dialog === undefined || this.#ended) throw new ZonebridgeError('closed', 'the call is over');
    this.#endpoint = endpoint;
    this.#sessionVersion += 1;
    const response = await this.#dialog.request({
      method: 'INVITE',
      headers: sdpHeaders,
      body: this.#writeOffer(),
    });
    if (response.status !== 200) {
      throw new ZonebridgeError('not-acceptable', `the phone answered a new offer with ${response.status}`);
    }
    await endpoint.accept(answerIn(response));
  }

  showRoster(): void {
    // A phone has no place to show it; the picture will.
  }

  async #awaitAck(dialog: SrfDialog, lateOffer: boolean): Promise<void> {
    const signal = AbortSignal.any([AbortSignal.timeout(ackDeadlineMs), this.#over.signal]);
    const [ack] = (await once(dialog, 'ack', { signal })) as [SrfMessage];
    if (lateOffer) await this.#endpoint?.accept(answerIn(ack));
  }

  #watch(dialog: SrfDialog): void {
    dialog.on('destroy', (bye: SrfMessage) => this.#end({ cause: causeOfReason(bye.get('Reason') ?? '') }));
    dialog.on('modify', (request: SrfRequest, response: SrfResponse) => void this.#modify(request, response));
    dialog.on('update', (request: SrfRequest, response: SrfResponse) => void this.#modify(request, response));
    dialog.on('info', (request: SrfRequest, response: SrfResponse) => this.#info(request, response));
    dialog.on('options', (_request: SrfRequest, response: SrfResponse) => {
      response.send(200, 'OK', { headers: capabilityHeaders });
    });
    for (const method of ['message', 'refer', 'publish']) {
      dialog.on(method, (_request: SrfRequest, response: SrfResponse) => {
        response.send(405, 'Method Not Allowed', { headers: { Allow: allow } });
      });
    }
  }

  /** RFC 3261 §14.2: a re-INVITE (or UPDATE) that cannot be followed leaves the session as it was. */
  async #modify(request: SrfRequest, response: SrfResponse): Promise<void> {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return;
    try {
      if ((request.body ?? '') === '') {
        this.#answerWithoutOffer(request, response, endpoint);
        return;
      }
      const remote = readSession(request.body ?? '', 'offer');
      const offer = audioOf(remote);
      if (offer === undefined)
        throw new ZonebridgeError('not-acceptable', 'the new offer has no usable audio');
      const local = await endpoint.renegotiate(offer);
      this.#sessionVersion += 1;
      response.send(200, 'OK', {
        headers: { ...sdpHeaders, Allow: allow },
        body: writeAnswer(remote, local, this.#origin),
      });
    } catch (error) {
      this.#log.info({ error: errorText(error) }, 'a re-INVITE was refused');
      const { status, phrase, headers } = refusalOf('not-acceptable');
      response.send(status, phrase, { headers });
    }
  }

  /** No SDP: a re-INVITE asks us to offer (RFC 3261 §14.1), an UPDATE only refreshes (RFC 4028 §7.4). */
  #answerWithoutOffer(request: SrfRequest, response: SrfResponse, endpoint: Endpoint): void {
    if (request.method === 'UPDATE') {
      response.send(200, 'OK', { headers: { Allow: allow } });
      return;
    }
    this.#dialog?.once('ack', (ack: SrfMessage) => {
      Promise.resolve()
        .then(() => endpoint.accept(answerIn(ack)))
        .catch((error: unknown) => {
          this.#log.info({ error: errorText(error) }, 'the answer to our offer cannot be followed');
        });
    });
    response.send(200, 'OK', { headers: sdpHeaders, body: this.#writeOffer() });
  }

  #info(request: SrfRequest, response: SrfResponse): void {
    const reading = readDtmfInfo(request.get('Content-Type'), request.body ?? '');
    if (reading.kind === 'unsupported') {
      response.send(415, 'Unsupported Media Type', { headers: { Accept: capabilityHeaders.Accept } });
      return;
    }
    response.send(200, 'OK', { headers: {} });
    if (reading.kind === 'digit') this.#owner?.digit(reading.digit);
  }

  get #origin(): { sessionId: string; sessionVersion: number } {
    return { sessionId: this.#sessionId, sessionVersion: this.#sessionVersion };
  }

  #writeAnswer(remote: RemoteSession): string {
    return writeAnswer(remote, this.#endpoint?.local ?? null, this.#origin);
  }

  #writeOffer(): string {
    if (this.#endpoint === undefined)
      throw new ZonebridgeError('internal', 'an offer is written before there is media');
    return writeOffer(this.#endpoint.local, this.#origin, 'phone');
  }

  #end(termination: Termination): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#over.abort();
    this.#owner?.ended(termination);
  }
}

function audioOf(session: RemoteSession | undefined): AudioDescription | undefined {
  return session?.audioIndex === undefined ? undefined : session.sections[session.audioIndex]?.audio;
}

/** Throws `bad-description` or `not-acceptable`. */
function answerIn(message: SrfMessage): AudioDescription {
  const audio = audioOf(readSession(message.body ?? '', 'answer'));
  if (audio === undefined) throw new ZonebridgeError('not-acceptable', 'the answer has no usable audio');
  return audio;
}
