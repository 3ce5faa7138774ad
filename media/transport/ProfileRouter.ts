import type { types } from 'mediasoup';
import { Closable } from '#kernel/index.ts';
import { routerCodecs, type PayloadProfile } from './payloadProfile.ts';
import type { RunningWorker } from './worker/MediaWorker.ts';

/** The legs of one conference that agree on payload types, and their way to the mixer. */
export class ProfileRouter extends Closable {
  readonly profile: PayloadProfile;
  readonly router: types.Router;
  readonly webRtcServer: types.WebRtcServer;
  /** All legs' streams to and from the mixer. */
  readonly mixerTransport: types.PlainTransport;

  static async create(
    { worker, webRtcServer }: RunningWorker,
    profile: PayloadProfile,
    mixerPort: number,
    workerPorts: { readonly min: number; readonly max: number },
  ): Promise<ProfileRouter> {
    const router = await worker.createRouter({ mediaCodecs: routerCodecs(profile) });
    try {
      const mixerTransport = await router.createPlainTransport({
        listenInfo: { protocol: 'udp', ip: '127.0.0.1', portRange: { ...workerPorts } },
        rtcpMux: true,
        comedia: false,
      });
      await mixerTransport.connect({ ip: '127.0.0.1', port: mixerPort });
      return new ProfileRouter(profile, router, webRtcServer, mixerTransport);
    } catch (error) {
      router.close();
      throw error;
    }
  }

  private constructor(
    profile: PayloadProfile,
    router: types.Router,
    webRtcServer: types.WebRtcServer,
    mixerTransport: types.PlainTransport,
  ) {
    super();
    this.profile = profile;
    this.router = router;
    this.webRtcServer = webRtcServer;
    this.mixerTransport = mixerTransport;
  }

  /** Where the mixer sends to, on 127.0.0.1. */
  get mixerSidePort(): number {
    return this.mixerTransport.tuple.localPort;
  }

  protected release(): void {
    this.router.close();
  }
}
