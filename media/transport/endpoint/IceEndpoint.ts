import type { types } from 'mediasoup';
import { Closable, type TransportDescription, type DtlsSetup } from '#kernel/index.ts';
import type { ProfileRouter } from '../ProfileRouter.ts';
import { ArrivalClock } from './arrivalClock.ts';
import { answerSetup, localFingerprints, remoteDtls, sameCertificate } from './dtls.ts';
import type { LegEndpoint } from './contract.ts';

/** ICE and DTLS-SRTP on the zone's one port: browsers, and phones that offer ICE. Ends with its worker. */
export class IceEndpoint extends Closable implements LegEndpoint {
  readonly transport: types.WebRtcTransport;
  readonly seesStreams = false;
  readonly #arrivals = new ArrivalClock();
  #setup: DtlsSetup;
  #remote: TransportDescription | undefined;

  /** `offer` is the far end's; without one we make the offer. */
  static async create(
    { router, webRtcServer }: ProfileRouter,
    offer?: TransportDescription,
  ): Promise<IceEndpoint> {
    await using stack = new AsyncDisposableStack();
    const transport = await router.createWebRtcTransport({ webRtcServer, preferUdp: true });
    const endpoint = stack.use(new IceEndpoint(transport, offer));
    if (offer !== undefined) await endpoint.update(offer);
    stack.move();
    return endpoint;
  }

  private constructor(transport: types.WebRtcTransport, offer: TransportDescription | undefined) {
    super();
    this.transport = transport;
    this.#setup = offer?.security.kind === 'dtls' ? answerSetup(offer.security.setup, 'active') : 'actpass';
  }

  get srtpSuite(): string {
    return this.transport.dtlsState === 'connected' ? 'DTLS-SRTP' : 'none';
  }

  describe(): TransportDescription {
    const { iceParameters, iceCandidates } = this.transport;
    const first = iceCandidates[0];
    return {
      security: { kind: 'dtls', fingerprints: localFingerprints(this.transport), setup: this.#setup },
      ice: {
        usernameFragment: iceParameters.usernameFragment,
        password: iceParameters.password,
        lite: true,
        candidates: iceCandidates.map(({ foundation, priority, address, port, protocol, tcpType }) => ({
          foundation,
          priority,
          address,
          port,
          protocol,
          ...(tcpType === undefined ? {} : { tcpType }),
        })),
      },
      address: first?.address ?? '0.0.0.0',
      port: first?.port ?? 9,
      rtcpMux: true,
    };
  }

  async update(remote: TransportDescription): Promise<boolean> {
    const before = this.#remote;
    if (before === undefined) {
      await this.transport.connect({ dtlsParameters: remoteDtls(remote, this.#setup) });
    } else {
      if (!sameCertificate(before, remote)) return false;
      // RFC 8839 §4.4.1.1.1: new credentials are an ICE restart.
      if (before.ice?.usernameFragment !== remote.ice?.usernameFragment) await this.transport.restartIce();
    }
    this.#remote = remote;
    return true;
  }

  heardMs(): Promise<number> {
    return this.#arrivals.heardMs(this.transport);
  }

  protected release(): void {
    this.transport.close();
  }
}
