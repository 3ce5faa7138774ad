import type { Socket } from 'node:dgram';
import type { types } from 'mediasoup';
import { Closable, type TransportDescription, type DtlsSetup } from '#kernel/index.ts';
import { DtlsRelay } from '../relay/DtlsRelay.ts';
import { closeUdp, openUdp } from '../relay/udp.ts';
import { answerSetup, localFingerprints, remoteDtls, sameCertificate } from './dtls.ts';
import type { LegEndpoint, StreamListener } from './contract.ts';
import type { PublicAddress, RtpEndpointOptions } from './RtpEndpoint.ts';

const noStream: StreamListener = { current: undefined, appeared: () => undefined };

/** One DTLS association: the public socket, the worker's transport and the relay between them. */
interface Component {
  readonly socket: Socket;
  readonly relay: DtlsRelay;
  readonly transport: types.WebRtcTransport;
}

/**
 * DTLS-SRTP without ICE. We are the passive side where the offer lets us choose: then the phone speaks first and shows
 * where it is, also behind NAT. Without rtcp-mux the phone makes a second association for RTCP (RFC 5764 §3), which a
 * second transport completes and then ignores: the worker takes RTP and RTCP of a stream from one transport only.
 */
export class DtlsEndpoint extends Closable implements LegEndpoint {
  readonly seesStreams = true;
  readonly #port: number;
  readonly #public: PublicAddress;
  readonly #components: readonly [Component, Component];
  readonly #setup: DtlsSetup;
  #remote: TransportDescription | undefined;

  static async create(options: RtpEndpointOptions): Promise<DtlsEndpoint> {
    await using stack = new AsyncDisposableStack();
    const { address, ports } = options.public;
    const { port, value } = await ports.open((port) => openPair(address, port));
    stack.defer(() => ports.giveBack(port));
    const [rtp, rtcp] = value.map((socket) => stack.adopt(socket, closeUdp)) as [Socket, Socket];
    const components: [Component, Component] = [
      await openComponent(stack, rtp, options, options.stream),
      await openComponent(stack, rtcp, options, noStream),
    ];
    const endpoint = new DtlsEndpoint(port, components, options);
    if (options.offer !== undefined) await endpoint.update(options.offer);
    stack.move();
    return endpoint;
  }

  private constructor(
    port: number,
    components: readonly [Component, Component],
    options: RtpEndpointOptions,
  ) {
    super();
    this.#port = port;
    this.#components = components;
    for (const { relay } of components) this.own(relay);
    this.#public = options.public;
    const security = options.offer?.security;
    this.#setup = security?.kind === 'dtls' ? answerSetup(security.setup, 'passive') : 'actpass';
  }

  get transport(): types.WebRtcTransport {
    return this.#components[0].transport;
  }

  get srtpSuite(): string {
    return this.transport.dtlsState === 'connected' ? 'DTLS-SRTP' : 'none';
  }

  describe(): TransportDescription {
    const rtcpMux = this.#remote?.rtcpMux ?? true;
    return {
      security: { kind: 'dtls', fingerprints: localFingerprints(this.transport), setup: this.#setup },
      address: this.#public.announcedAddress,
      port: this.#port,
      ...(rtcpMux ? {} : { rtcpPort: this.#port + 1 }),
      rtcpMux,
    };
  }

  async update(remote: TransportDescription): Promise<boolean> {
    const before = this.#remote;
    if (before !== undefined && (remote.ice !== undefined || !sameCertificate(before, remote))) return false;
    const { address, port, rtcpPort } = remote;
    const [rtp, rtcp] = this.#components;
    rtp.relay.describe({ address, port });
    rtcp.relay.describe({ address, port: rtcpPort ?? port + 1 });
    if (before === undefined) await this.#connect(remoteDtls(remote, this.#setup));
    this.#remote = remote;
    return true;
  }

  heardMs(): Promise<number> {
    return Promise.resolve(Math.max(...this.#components.map(({ relay }) => relay.heardMs)));
  }

  protected async release(): Promise<void> {
    for (const { transport } of this.#components) transport.close();
    await Promise.all(this.#components.map(({ socket }) => closeUdp(socket)));
    this.#public.ports.giveBack(this.#port);
  }

  async #connect(dtlsParameters: types.DtlsParameters): Promise<void> {
    for (const { relay, transport } of this.#components) {
      const { usernameFragment, password } = transport.iceParameters;
      const candidate = { address: '127.0.0.1', port: transport.iceCandidates[0]?.port ?? 0 };
      await relay.connect(candidate, { username: `${usernameFragment}:relay`, password });
      await transport.connect({ dtlsParameters });
    }
  }
}

async function openPair(address: string, port: number): Promise<readonly [Socket, Socket]> {
  const rtp = await openUdp(address, port);
  try {
    return [rtp, await openUdp(address, port + 1)];
  } catch (error) {
    await closeUdp(rtp);
    throw error;
  }
}

async function openComponent(
  stack: AsyncDisposableStack,
  socket: Socket,
  { router, inside }: RtpEndpointOptions,
  stream: StreamListener,
): Promise<Component> {
  const relay = stack.use(await DtlsRelay.create({ socket, stream }));
  const transport = await router.router.createWebRtcTransport({
    listenInfos: [{ protocol: 'udp', ip: '127.0.0.1', portRange: { ...inside.workerPorts } }],
    // Nothing answers consent checks on the loopback, and nothing needs them there (RFC 7675 is about the network).
    iceConsentTimeout: 0,
  });
  stack.defer(() => transport.close());
  return { socket, relay, transport };
}
