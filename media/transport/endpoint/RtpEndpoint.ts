import type { types } from 'mediasoup';
import {
  Closable,
  srtpSuites,
  ZonebridgeError,
  type TransportDescription,
  type MediaSecurity,
  type SdesKey,
  type SrtpSuite,
} from '#kernel/index.ts';
import type { ProfileRouter } from '../ProfileRouter.ts';
import type { PortRange } from '../relay/portRange.ts';
import type { RelayThread } from '../relay/RelayThread.ts';
import { RtpRelay } from '../relay/RtpRelay.ts';
import type { LegEndpoint, StreamListener } from './contract.ts';
import { chooseKey, freshMaster } from './sdes.ts';

export interface PublicAddress {
  /** What sockets bind to. */
  readonly address: string;
  /** What descriptions say. */
  readonly announcedAddress: string;
  readonly ports: PortRange;
}

/** Where a zone's endpoints meet the worker on 127.0.0.1. */
export interface InsideAddress {
  readonly relayThread: RelayThread;
  /** For the worker's own sockets, apart from the public ports. */
  readonly workerPorts: { readonly min: number; readonly max: number };
}

export interface RtpEndpointOptions {
  readonly router: ProfileRouter;
  readonly inside: InsideAddress;
  readonly public: PublicAddress;
  readonly stream: StreamListener;
  /** Absent: we make the offer. */
  readonly offer?: TransportDescription;
}

/** SDES-SRTP, or RTP in the clear where the zone allows it. Keys, port and address outlive the worker. */
export class RtpEndpoint extends Closable implements LegEndpoint {
  readonly seesStreams = true;
  readonly #relay: RtpRelay;
  readonly #announcedAddress: string;
  readonly #inside: InsideAddress;
  readonly #masters = new Map<SrtpSuite, Buffer>();
  #transport: types.PlainTransport | undefined;
  /** Ours, as the next description writes them. */
  #security: MediaSecurity = { kind: 'none' };
  #rtcpMux = true;
  #suite: SrtpSuite | undefined;

  static async create(options: RtpEndpointOptions): Promise<RtpEndpoint> {
    await using stack = new AsyncDisposableStack();
    const { ports } = options.public;
    const { relayThread: thread } = options.inside;
    const relay = await RtpRelay.create({ ports, thread, stream: options.stream });
    const endpoint = stack.use(new RtpEndpoint(relay, options));
    if (options.offer === undefined) endpoint.#prepareOffer();
    else await endpoint.update(options.offer);
    await endpoint.move(options.router);
    stack.move();
    return endpoint;
  }

  private constructor(relay: RtpRelay, options: RtpEndpointOptions) {
    super();
    this.#relay = this.own(relay);
    this.#announcedAddress = options.public.announcedAddress;
    this.#inside = options.inside;
  }

  get transport(): types.PlainTransport {
    if (this.#transport === undefined)
      throw new ZonebridgeError('internal', 'an RTP endpoint is used before its move');
    return this.#transport;
  }

  get srtpSuite(): string {
    return this.#suite ?? 'none';
  }

  describe(): TransportDescription {
    const { port } = this.#relay;
    return {
      security: this.#security,
      address: this.#announcedAddress,
      port,
      ...(this.#rtcpMux ? {} : { rtcpPort: port + 1 }),
      rtcpMux: this.#rtcpMux,
    };
  }

  update(remote: TransportDescription): Promise<boolean> {
    const { security, address, port, rtcpPort, rtcpMux } = remote;
    if (security.kind === 'dtls') return Promise.resolve(false);
    if (security.kind === 'sdes') this.#useKeys(security.keys);
    else this.#useNoKeys();
    this.#rtcpMux = rtcpMux;
    this.#relay.describe({ address, port }, rtcpPort, rtcpMux);
    return Promise.resolve(true);
  }

  readonly move = async ({ router }: ProfileRouter): Promise<void> => {
    this.#relay.workerPort = undefined;
    this.#transport?.close();
    const transport = await router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1', portRange: { ...this.#inside.workerPorts } },
      rtcpMux: true,
      comedia: false,
    });
    await transport.connect({ ip: '127.0.0.1', port: this.#inside.relayThread.port });
    this.#transport = transport;
    this.#relay.workerPort = transport.tuple.localPort;
  };

  heardMs(): Promise<number> {
    return Promise.resolve(this.#relay.heardMs);
  }

  protected release(): void {
    this.#transport?.close();
  }

  #prepareOffer(): void {
    const keys = srtpSuites.map((suite, position) => this.#localKey(suite, position + 1));
    this.#security = { kind: 'sdes', keys };
  }

  #localKey(suite: SrtpSuite, tag: number): SdesKey {
    const master = this.#masters.get(suite) ?? freshMaster(suite);
    this.#masters.set(suite, master);
    return { tag, suite, key: master.toString('base64') };
  }

  /** Our key stays for as long as the suite does: some phones set their keys only once (baresip). */
  #useKeys(offered: readonly SdesKey[]): void {
    const chosen = chooseKey(offered, this.#suite);
    if (chosen === undefined) {
      throw new ZonebridgeError(
        'not-acceptable',
        `SDES needs one of ${srtpSuites.join(', ')} with a whole key`,
      );
    }
    const { suite, tag, key } = chosen;
    const local = this.#localKey(suite, tag);
    this.#security = { kind: 'sdes', keys: [local] };
    this.#suite = suite;
    const [sendKey, receiveKey] = [Buffer.from(local.key, 'base64'), Buffer.from(key, 'base64')];
    this.#relay.protection = { kind: 'srtp', suite, sendKey, receiveKey };
  }

  #useNoKeys(): void {
    this.#security = { kind: 'none' };
    this.#suite = undefined;
    this.#relay.protection = { kind: 'none' };
  }
}
