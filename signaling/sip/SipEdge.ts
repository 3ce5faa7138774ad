import { Closable, ZonebridgeError, errorText, termination, type Log } from '#kernel/index.ts';
import type { Call, CallHandler, CallOrigin, RefusedAttempt } from '../call.ts';
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
import { refusalOf, type Refusal } from './endings.ts';
import { flowOf, focusContact, originOf, readInvitation, refusedInvite, type Invitation } from './invite.ts';
import { askedToLogIn, type CallerLogin } from './login.ts';
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
  /** Where phones log in; absent: nowhere. */
  readonly login?: CallerLogin;
  readonly onCall: CallHandler;
  /** Told of INVITEs that were refused without a call. */
  readonly onRefused?: (attempt: RefusedAttempt) => void;
  readonly log: Log;
}

interface Caller {
  readonly shown: Pick<CallOrigin, 'person' | 'loginFault'>;
  readonly asked: (refusal: Refusal) => Refusal;
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
      const caller = this.#authenticated(request);
      const invitation = readInvitation(request, this.#options.domains);
      if ('status' in invitation) {
        this.#options.log.info({ protocol: 'sip', status: invitation.status }, 'refused');
        void refuse(response, caller.asked(invitation));
        this.#tellRefused(request, invitation, caller);
      } else if (this.closed) {
        void refuse(response, refusals.stopping);
      } else {
        this.#options.onCall(this.#callOf(request, response, invitation, caller));
      }
    } catch (error) {
      this.#options.log.error({ error: errorText(error) }, 'an INVITE could not be handled');
      void refuse(response, refusalOfError(error));
    }
  }

  #tellRefused(request: DrachtioRequest, refusal: Refusal, { shown }: Caller): void {
    const { engine, onRefused } = this.#options;
    const attempt = refusedInvite(request, refusal, flowOf(request, engine));
    if (attempt !== undefined) onRefused?.({ ...attempt, origin: { ...attempt.origin, ...shown } });
  }

  /** Who calls, and what refusals become that are a reason to log in. */
  #authenticated(request: DrachtioRequest): Caller {
    const { login, engine } = this.#options;
    if (login === undefined) return { shown: {}, asked: (refusal) => refusal };
    const source = flowOf(request, engine)?.remote.address ?? request.source_address;
    const authorization = request.get('Authorization');
    const verdict = login.judge({ method: request.method, authorization, source });
    return {
      shown: 'person' in verdict ? { person: verdict.person } : { loginFault: verdict.fault },
      asked: (refusal) => askedToLogIn(refusal, verdict, login, source),
    };
  }

  #callOf(
    request: DrachtioRequest,
    response: DrachtioResponse,
    invitation: Invitation,
    { shown, asked }: Caller,
  ): SipCall {
    const { engine, advertiseFocus, log } = this.#options;
    const flow = engine.flowOf(invitation.callId, invitation.fromTag);
    const application = this.#application;
    const contact = advertiseFocus === true ? focusContact(request) : undefined;
    const { room, displayName, remote } = invitation;
    return this.#keep({
      direction: 'in',
      opening: new AnsweringOpening({
        ...{ application, request, response, contact },
        refusalOf: (cause) => asked(refusalOf(cause)),
      }),
      ...{ room, displayName, remote },
      origin: { ...originOf(request, invitation, flow), ...shown },
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
