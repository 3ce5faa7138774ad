import type { Socket } from 'node:net';
import { Closable, uriHost, type Log } from '#kernel/index.ts';
import { ControlServer, perform, type ControlAddress } from './control/index.ts';
import { UserAgent, type UserAgentOptions } from './dialog/index.ts';
import { rfc3261Timings, systemScheduler, type Timings } from './transaction/index.ts';
import {
  Transports,
  type AcceptOptions,
  type Flow,
  type SocketAddress,
  type TransportLayer,
  type TransportOptions,
} from './transport/index.ts';

export interface SipEngineOptions {
  readonly log: Log;
  /** A layer that the caller keeps and closes, or how to make one that the engine owns. */
  readonly transports?: TransportLayer | Omit<TransportOptions, 'log'>;
  /** User-Agent of requests and Server of responses: the same for every installation by default. */
  readonly userAgent?: string;
  /** Header parameters of our own Contact, for example `isfocus` (RFC 4579). */
  readonly contactParameters?: string;
  readonly limits?: Partial<EngineLimits>;
  readonly timings?: Timings;
}

export interface EngineLimits {
  readonly dialogs: number;
  readonly serverTransactions: number;
  /** Until the application's first answer to a request; then the peer is told 480. */
  readonly answerTimeoutMs: number;
  /** A dialog whose connection is lost waits so long for its peer. */
  readonly flowGraceMs: number;
  /** RFC 4028: the shortest session interval, seconds. */
  readonly minSessionSeconds: number;
  /** One message on the control connection. */
  readonly controlMessageBytes: number;
  /** Option tags that peers may require: the engine's own and those that the application serves. */
  readonly supported: readonly string[];
}

export const defaultEngineLimits: EngineLimits = {
  dialogs: 5000,
  serverTransactions: 20_000,
  answerTimeoutMs: 60_000,
  flowGraceMs: 5000,
  minSessionSeconds: 90,
  controlMessageBytes: 2 * 1024 * 1024,
  supported: ['100rel', 'timer'],
};

/** What the engine holds and has done, for metrics. */
export interface EngineCounters {
  readonly dialogs: number;
  readonly transactions: number;
  readonly unansweredRequests: number;
  readonly pendingRequests: number;
  readonly applications: number;
  readonly requestsReceived: number;
  readonly responsesReceived: number;
  readonly malformedReceived: number;
}

/**
 * The embedded SIP engine: what drachtio-server is to drachtio-srf, in this process. `control` is what
 * `srf.connect` takes. It opens no port for peers by itself.
 */
export class SipEngine extends Closable {
  readonly #transports: TransportLayer;
  readonly #userAgent: UserAgent;
  readonly #control: ControlServer;
  readonly #listening: string[] = [];
  readonly #received = { requests: 0, responses: 0, malformed: 0 };

  static async create(options: SipEngineOptions): Promise<SipEngine> {
    const limits = { ...defaultEngineLimits, ...options.limits };
    const control = new ControlServer({
      log: options.log,
      maxFrameBytes: limits.controlMessageBytes,
      command: (link, command) => perform(link, command, engine.#userAgent),
      linkClosed: (link) => engine.#userAgent.applicationGone(link),
      listening: () => engine.listening,
    });
    await using stack = new AsyncDisposableStack();
    const engine: SipEngine = stack.use(new SipEngine(options, limits, control));
    await control.listen();
    stack.move();
    return engine;
  }

  private constructor(options: SipEngineOptions, limits: EngineLimits, control: ControlServer) {
    super();
    const { log, transports } = options;
    this.#transports = isLayer(transports) ? transports : this.own(new Transports({ ...transports, log }));
    this.#control = this.own(control);
    this.#userAgent = this.own(
      new UserAgent({
        log,
        transport: this.#transports,
        applications: control,
        options: userAgentOptions(options, limits),
        limits: { maxServerTransactions: limits.serverTransactions },
        timings: options.timings ?? rfc3261Timings,
        scheduler: systemScheduler,
      }),
    );
    this.#transports.on('request', () => (this.#received.requests += 1));
    this.#transports.on('response', () => (this.#received.responses += 1));
    this.#transports.on('malformed', () => (this.#received.malformed += 1));
  }

  /** What `srf.connect` takes. */
  get control(): ControlAddress {
    return this.#control.address;
  }

  /** The ports that were opened here, as drachtio-srf shows them. */
  get listening(): string {
    return this.#listening.length === 0 ? 'none' : this.#listening.join(',');
  }

  get counters(): EngineCounters {
    const { server, client, counts } = this.#userAgent;
    return {
      ...counts,
      unansweredRequests: server.pending,
      pendingRequests: client.pending,
      applications: this.#control.links,
      requestsReceived: this.#received.requests,
      responsesReceived: this.#received.responses,
      malformedReceived: this.#received.malformed,
    };
  }

  /** Takes over a stream on which a peer speaks SIP: a TLSSocket that the zone has accepted. */
  accept(socket: Socket, options: AcceptOptions): Flow {
    return this.#transports.accept(socket, options);
  }

  /** `host` is what peers call this port; a UDP port on all addresses must have it. */
  async listen(
    transport: 'udp' | 'tcp',
    address: string,
    port: number,
    host?: string,
  ): Promise<SocketAddress> {
    const local = await this.#transports.listen(transport, address, port, host);
    this.#listening.push(`${transport}/${uriHost(local.address)}:${local.port}`);
    return local;
  }

  /**
   * The connection of a request that an application has before it, or of a dialog: address, port and protocol are in
   * drachtio-srf's request, what TLS has shown is only here.
   */
  flowOf(callId: string, fromTag: string): Flow | undefined {
    return this.#userAgent.flowOf(callId, fromTag);
  }

  protected override release(): void {
    this.#listening.length = 0;
  }
}

function userAgentOptions(options: SipEngineOptions, limits: EngineLimits): UserAgentOptions {
  const { contactParameters } = options;
  return {
    userAgent: options.userAgent ?? 'zonebridge',
    ...(contactParameters === undefined ? {} : { contactParameters }),
    supported: limits.supported,
    answerTimeoutMs: limits.answerTimeoutMs,
    flowGraceMs: limits.flowGraceMs,
    minSessionSeconds: limits.minSessionSeconds,
    maxDialogs: limits.dialogs,
  };
}

function isLayer(transports: SipEngineOptions['transports']): transports is TransportLayer {
  return transports instanceof Closable;
}
