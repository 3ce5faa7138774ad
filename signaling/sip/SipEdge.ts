import { Closable, ZonebridgeError, errorText, termination, type Log } from '#kernel/index.ts';
import type { Call, CallHandler } from '../call.ts';
import type { Dialler, DialRequest } from '../dial.ts';
import { optionsHeaders } from './capabilities.ts';
import {
  connectApplication,
  createApplication,
  outsideMethods,
  type DrachtioApplication,
  type DrachtioRequest,
  type DrachtioResponse,
} from './drachtio.ts';
import { focusContact, originOf, readInvitation, type Invitation } from './invite.ts';
import { refusalOfError, refusals, refuse } from './refusals.ts';
import { AnsweringOpening, InvitingOpening } from './openings.ts';
import { nameIn, originBeforeAnswer, originOfAnswer } from './outgoing.ts';
import { SipCall } from './SipCall.ts';
import type { SipEngine } from './stack/index.ts';

export interface SipEdgeOptions {
  readonly engine: Pick<SipEngine, 'control' | 'flowOf'>;
  /** Names and addresses of the zone, in lower case. */
  readonly domains: readonly string[];
  /** True: Contact is the conference's URI with `isfocus` (RFC 4579 §4.2). Absent: the engine's own Contact. */
  readonly advertiseFocus?: boolean;
  readonly onCall: CallHandler;
  readonly log: Log;
}

/** Turns INVITEs into calls and answers every other request. It has no port: the engine has the connections. */
export class SipEdge extends Closable implements Dialler {
  readonly #options: SipEdgeOptions;
  readonly #application: DrachtioApplication;
  readonly #calls = new Set<SipCall>();

  /** Throws `unreachable` when the engine does not take us. */
  static async create(options: SipEdgeOptions): Promise<SipEdge> {
    const application = createApplication();
    const edge = new SipEdge(options, application);
    await connectApplication(application, options.engine.control);
    return edge;
  }

  private constructor(options: SipEdgeOptions, application: DrachtioApplication) {
    super();
    this.#options = options;
    this.#application = application;
    application.on('close', () => this.#linkLost());
    for (const method of outsideMethods) {
      application.use(method, (request, response) => this.#requested(method, request, response));
    }
  }

  /** See `Dialler`. */
  call(request: DialRequest): Call {
    if (!/^sips:/i.test(request.uri)) {
      throw new ZonebridgeError(
        'invalid-argument',
        'a zone calls over TLS only: the URI must begin with sips:',
      );
    }
    const { domains, engine, log } = this.#options;
    const opening = new InvitingOpening({
      application: this.#application,
      request,
      domain: domains[0] ?? 'invalid',
      originOf: (answer, { callId, localTag }) =>
        originOfAnswer(answer, request.uri, engine.flowOf(callId, localTag)),
    });
    const origin = originBeforeAnswer(request.uri);
    return this.#keep({
      direction: 'out',
      opening,
      room: request.room,
      displayName: nameIn(request.uri),
      origin,
      log,
    });
  }

  protected async release(): Promise<void> {
    const stopping = termination('server-stopping');
    await Promise.allSettled([...this.#calls].map((call) => call.hangup(stopping)));
    disconnect(this.#application);
  }

  #linkLost(): void {
    if (this.closed) return;
    this.#options.log.error('the link to the SIP engine is gone: no call can come any more');
    this.close('the link to the SIP engine is gone').catch((error: unknown) => {
      this.#options.log.error({ error: errorText(error) }, 'closing failed');
    });
  }

  #requested(
    method: (typeof outsideMethods)[number],
    request: DrachtioRequest,
    response: DrachtioResponse,
  ): void {
    // What the engine ended by itself comes here when its dialog is forgotten already.
    if (request.source === 'application') return;
    if (method === 'invite') this.#invited(request, response);
    else if (method === 'options') response.send(200, 'OK', { headers: { ...optionsHeaders } });
    else if (method === 'subscribe' || method === 'publish') void refuse(response, refusals.event);
    else
      void refuse(response, method === 'notify' || method === 'info' ? refusals.noDialog : refusals.method);
  }

  #invited(request: DrachtioRequest, response: DrachtioResponse): void {
    try {
      const invitation = readInvitation(request, this.#options.domains);
      if ('status' in invitation) {
        this.#options.log.info({ protocol: 'sip', status: invitation.status }, 'refused');
        void refuse(response, invitation);
      } else if (this.closed) {
        void refuse(response, refusals.stopping);
      } else {
        this.#options.onCall(this.#callOf(request, response, invitation));
      }
    } catch (error) {
      this.#options.log.error({ error: errorText(error) }, 'an INVITE could not be handled');
      void refuse(response, refusalOfError(error));
    }
  }

  #callOf(request: DrachtioRequest, response: DrachtioResponse, invitation: Invitation): SipCall {
    const { engine, advertiseFocus, log } = this.#options;
    const flow = engine.flowOf(invitation.callId, invitation.fromTag);
    const contact = advertiseFocus === true ? focusContact(request) : undefined;
    const { room, displayName, remote } = invitation;
    return this.#keep({
      direction: 'in',
      opening: new AnsweringOpening(this.#application, request, response, contact),
      ...{ room, displayName, remote },
      origin: originOf(request, invitation, flow),
      log,
    });
  }

  #keep(options: Omit<ConstructorParameters<typeof SipCall>[0], 'onEnded'>): SipCall {
    const call = new SipCall({ ...options, onEnded: (ended) => this.#calls.delete(ended) });
    this.#calls.add(call);
    return call;
  }
}

/** Also after the engine has cut the link, when drachtio-srf throws because there is none. */
function disconnect(application: DrachtioApplication): void {
  try {
    application.disconnect();
  } catch {
    // No link any more, and no second attempt: nothing is left to end.
  }
}
