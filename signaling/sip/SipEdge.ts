import { once } from 'node:events';
import { isIP } from 'node:net';
import Srf from 'drachtio-srf';
import { Closable, errorText, type Log } from '#kernel/index.ts';
import type { CallHandler, CallOrigin } from '../call.ts';
import { readSession, type RemoteSession } from '../sdp/index.ts';
import type { Flow, SipEngine } from './stack/index.ts';
import { parseNameAddr, parseUri } from './stack/message/index.ts';
import { callerUriOf, displayNameOf, roomOf } from './caller.ts';
import { capabilityHeaders, refusedMethods } from './capabilities.ts';
import { refusalOf } from './responses.ts';
import { SipCall } from './SipCall.ts';
import { asUas, type RequestHandler, type SrfRequest, type SrfResponse } from './srfTypes.ts';

export interface SipEdgeOptions {
  readonly engine: SipEngine;
  /** Names (and addresses) under which the zone is dialled. */
  readonly domains: readonly string[];
  readonly onCall: CallHandler;
  readonly log: Log;
}

/** The SIP application: turns each INVITE into a `Call` and answers what else a peer may ask. */
export class SipEdge extends Closable {
  readonly #options: SipEdgeOptions;
  readonly #srf = new Srf();

  static async create(options: SipEdgeOptions): Promise<SipEdge> {
    const edge = new SipEdge(options);
    await edge.#connect();
    return edge;
  }

  private constructor(options: SipEdgeOptions) {
    super();
    this.#options = options;
    this.#srf.on('error', (error: Error) =>
      options.log.error({ error: errorText(error) }, 'SIP engine link'),
    );
  }

  protected release(): void {
    this.#srf.disconnect();
  }

  async #connect(): Promise<void> {
    const connected = once(this.#srf, 'connect');
    void this.#srf.connect(this.#options.engine.control);
    await connected;
    this.#on('invite', (request, response) => this.#invite(request, response));
    this.#on('options', (request, response) => this.#optionsRequest(request, response));
    for (const [method, refusal] of Object.entries(refusedMethods)) {
      const { status, phrase, headers } = refusal;
      this.#on(method.toLowerCase(), (_request, response) => response.send(status, phrase, { headers }));
    }
  }

  #on(method: string, handler: RequestHandler): void {
    const route = this.#srf as unknown as Record<string, (handler: RequestHandler) => void>;
    route[method]?.call(this.#srf, handler);
  }

  #invite(request: SrfRequest, response: SrfResponse): void {
    let remote: RemoteSession | undefined;
    try {
      if ((request.body ?? '') !== '') remote = readSession(request.body ?? '', 'offer');
    } catch (error) {
      this.#options.log.info({ error: errorText(error) }, 'an INVITE with a broken offer');
      this.#refuse(response, 'bad-request');
      return;
    }
    if (remote !== undefined && remote.audioIndex === undefined) {
      this.#refuse(response, 'not-acceptable');
      return;
    }
    const from = request.get('From') ?? '';
    const call = new SipCall({
      srf: asUas(this.#srf),
      request,
      response,
      room: this.#roomOf(request.uri),
      displayName: displayNameOf(from),
      origin: this.#originOf(request, from),
      ...(remote === undefined ? {} : { remote }),
      log: this.#options.log,
    });
    this.#options.onCall(call);
  }

  /** A ping gets the same answer whatever it is addressed to, so a scanner learns nothing of rooms. */
  #optionsRequest(_request: SrfRequest, response: SrfResponse): void {
    response.send(200, 'OK', { headers: capabilityHeaders });
  }

  #refuse(response: SrfResponse, cause: 'bad-request' | 'not-acceptable'): void {
    const { status, phrase, headers } = refusalOf(cause);
    response.send(status, phrase, { headers });
  }

  /** '' for what is not addressed to this zone: no room has that name. */
  #roomOf(uri: string): string {
    const host = hostOf(uri);
    const ours = host !== undefined && (isIP(host) !== 0 || this.#options.domains.includes(host));
    return ours ? (roomOf(uri) ?? '') : '';
  }

  #originOf(request: SrfRequest, from: string): CallOrigin {
    const flow = this.#flowOf(request, from);
    const userAgent = request.get('User-Agent');
    return {
      transport: transportOf(flow, request),
      remoteAddress: flow?.remote.address ?? request.source_address,
      remotePort: flow?.remote.port ?? request.source_port,
      ...(flow?.tls === undefined ? {} : { tls: flow.tls }),
      ...(userAgent === undefined ? {} : { userAgent }),
      uri: callerUriOf(from),
    };
  }

  #flowOf(request: SrfRequest, from: string): Flow | undefined {
    const tag = parseNameAddr(from).parameters.get('tag') ?? '';
    return this.#options.engine.flowOf(request.get('Call-ID') ?? '', tag);
  }
}

function transportOf(flow: Flow | undefined, request: SrfRequest): CallOrigin['transport'] {
  const transport = flow?.transport ?? request.protocol;
  if (transport === 'wss' || transport === 'ws') return 'ws';
  return transport === 'udp' || transport === 'tcp' ? transport : 'tls';
}

function hostOf(uri: string): string | undefined {
  try {
    return parseUri(uri.split(/[;?]/)[0] ?? uri).host.replace(/^\[|\]$/g, '');
  } catch {
    return undefined;
  }
}
