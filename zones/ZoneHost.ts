import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  Closable,
  errorCodeOf,
  errorText,
  termination,
  type ErrorCode,
  type Log,
  type Termination,
} from '#kernel/index.ts';
import { ZoneMedia } from '#media/index.ts';
import type { Call } from '#signaling/call.ts';
import { SipEdge } from '#signaling/sip/index.ts';
import { SipEngine } from '#signaling/sip/stack/index.ts';
import { ZoneTls, type TlsPeer } from '#signaling/tls/index.ts';
import { WebEdge } from '#signaling/web/index.ts';
import { decide } from './admission.ts';
import { Conferences } from './Conferences.ts';
import type { ZoneConfig } from './config/schema.ts';
import type { HandedConnection, ZoneHealth, ZoneStart } from './contract.ts';

/** Why a call that was admitted could not be set up, by what was thrown. */
const causes = {
  'config-invalid': 'failed',
  'invalid-argument': 'failed',
  'bad-message': 'bad-request',
  'bad-description': 'bad-request',
  'not-acceptable': 'not-acceptable',
  'not-found': 'not-found',
  forbidden: 'forbidden',
  busy: 'busy',
  timeout: 'failed',
  unreachable: 'worker-lost',
  closed: 'failed',
  unavailable: 'zone-draining',
  internal: 'failed',
} as const satisfies Record<ErrorCode, Termination['cause']>;

/** A zone at work: everything of one zone, in a process of its own. */
export class ZoneHost extends Closable {
  readonly #config: ZoneConfig;
  readonly #log: Log;
  readonly #conferences: Conferences;
  readonly #media: ZoneMedia;
  readonly #tls: ZoneTls;
  #engine: SipEngine | undefined;
  #web: WebEdge | undefined;
  #state: 'serving' | 'draining' = 'serving';

  static async create(start: ZoneStart, log: Log): Promise<ZoneHost> {
    await using stack = new AsyncDisposableStack();
    const { config } = start;
    const tls = stack.use(await createTls(config, log));
    const media = stack.use(await createMedia(start, log));
    const host = stack.use(new ZoneHost(config, log, tls, media));
    await host.#openEdges(start);
    stack.move();
    return host;
  }

  private constructor(config: ZoneConfig, log: Log, tls: ZoneTls, media: ZoneMedia) {
    super();
    this.#config = config;
    this.#log = log;
    this.#media = this.own(media);
    this.#tls = this.own(tls);
    this.#conferences = this.own(new Conferences(config, media, log));
  }

  /** Takes a connection that the listener has routed here. */
  accept(socket: Socket, { protocol, opening }: HandedConnection): void {
    this.#tls.accept(socket, Buffer.from(opening), protocol, (tlsSocket, peer) => {
      if (protocol === 'https') this.#web?.accept(tlsSocket, peer);
      else this.#acceptSip(tlsSocket, peer);
    });
  }

  /** Takes no new call from now on; those it has go on. */
  drain(): void {
    this.#state = 'draining';
    this.#log.info('draining');
  }

  get health(): ZoneHealth {
    if (this.#state === 'draining') return { state: 'draining' };
    return { state: this.#media.healthy ? 'serving' : 'degraded' };
  }

  /** Ends its calls properly, then closes. */
  async stop(because: Termination): Promise<void> {
    this.#state = 'draining';
    await this.#conferences.endAll(because);
    await this.close(because.cause);
  }

  protected release(reason: string): void {
    this.#log.info({ reason }, 'zone closed');
  }

  async #openEdges({ webRoot }: ZoneStart): Promise<void> {
    const { sip, domains } = this.#config;
    const onCall = (call: Call): void => void this.#take(call);
    const log = this.#log;
    const engine = this.own(
      await SipEngine.create({
        log: log.child({ part: 'sip' }),
        ...(sip.advertise_focus ? { contactParameters: 'isfocus' } : {}),
      }),
    );
    this.own(
      await SipEdge.create({
        engine,
        domains,
        onCall,
        log: log.child({ part: 'sip' }),
      }),
    );
    this.#engine = engine;
    for (const { transport, address, port, reason } of sip.cleartext) {
      await engine.listen(transport, address, port);
      log.warn({ transport, port, reason }, 'SIP without TLS is open, as the configuration says');
    }
    this.#web = this.own(await WebEdge.create({ webRoot, onCall, log: log.child({ part: 'web' }) }));
  }

  #acceptSip(socket: TLSSocket, { remote, tls }: TlsPeer): void {
    // The peer must be able to dial what Contact says: the name it asked for, else the address it reached.
    const host = tls.serverName ?? this.#config.media.announced_address ?? socket.localAddress ?? '127.0.0.1';
    const sentBy = `${host.includes(':') ? `[${host}]` : host}:${socket.localPort ?? 5061}`;
    this.#engine?.accept(socket, { transport: 'tls', remote, sentBy, tls });
  }

  async #take(call: Call): Promise<void> {
    const room = this.#config.rooms.find(({ name }) => name === call.room);
    const occupancy = this.#conferences.occupancy(call.room);
    const decision = decide({ zoneState: this.#state, room, occupancy });
    if (!decision.admitted) return this.#refuse(call, decision.termination);
    try {
      await this.#conferences.of(decision.room).join(call);
    } catch (error) {
      const cause = causes[errorCodeOf(error)];
      if (cause === 'failed') this.#log.error({ error: errorText(error) }, 'a call could not be set up');
      await this.#refuse(call, termination(cause, errorText(error)));
    }
  }

  async #refuse(call: Call, because: Termination): Promise<void> {
    if (call.ended) return;
    this.#log.info({ protocol: call.protocol, cause: because.cause, detail: because.detail }, 'refused');
    await call.refuse(because).catch((error: unknown) => {
      this.#log.warn({ error: errorText(error) }, 'a refusal could not be sent');
    });
  }
}

function createTls(config: ZoneConfig, log: Log): Promise<ZoneTls> {
  const { certificate, key, client_ca: clientCa } = config.tls;
  return ZoneTls.create({
    certificate,
    key,
    ...(clientCa === undefined ? {} : { clientCa }),
    domains: config.domains,
    proxyProtocol: config.proxy_protocol,
    log: log.child({ part: 'tls' }),
  });
}

function createMedia({ config, mediasoupWorker }: ZoneStart, log: Log): Promise<ZoneMedia> {
  const { media } = config;
  return ZoneMedia.create(
    {
      address: media.address,
      ...(media.announced_address === undefined ? {} : { announcedAddress: media.announced_address }),
      ports: media.ports,
      webRtcPort: media.webrtc_port,
      audioCodecs: media.audio_codecs,
      maxTalkers: media.max_talkers,
    },
    { log: log.child({ part: 'media' }), workerBin: mediasoupWorker },
  );
}
