import type { types } from 'mediasoup';
import { Closable, ZonebridgeError, type VideoCodec } from '#kernel/index.ts';
import type { Mixer } from '../mixer/contract.ts';
import { routerCodecs, type PayloadProfile } from './payloadProfile.ts';
import { SharedPictures } from './SharedPictures.ts';
import type { RunningWorker } from './worker/MediaWorker.ts';

/** A key frame of 1280x720 is a hundred packets at once. */
const videoBuffers = { recvBufferSize: 1 << 20, sendBufferSize: 1 << 20 };

export interface ProfileRouterOptions {
  readonly profile: PayloadProfile;
  readonly mixer: Mixer;
  /** The mixer's name for the conference. */
  readonly conferenceId: string;
  /** The mixer's port for the conference's video; absent when the zone has none. */
  readonly videoPort: number | undefined;
  readonly workerPorts: { readonly min: number; readonly max: number };
}

/** The legs of one conference that agree on payload types, and their way to the mixer. */
export class ProfileRouter extends Closable {
  readonly profile: PayloadProfile;
  readonly router: types.Router;
  readonly webRtcServer: types.WebRtcServer;
  /** All voices to and from the mixer. */
  readonly mixerTransport: types.PlainTransport;
  readonly #options: ProfileRouterOptions;
  readonly #videoTransport: types.PlainTransport | undefined;
  #pictures: Promise<SharedPictures> | undefined;
  #pictureUsers = 0;

  static async create(
    { worker, webRtcServer }: RunningWorker,
    options: ProfileRouterOptions,
  ): Promise<ProfileRouter> {
    const { profile, mixer, videoPort, workerPorts } = options;
    const router = await worker.createRouter({ mediaCodecs: routerCodecs(profile) });
    const toMixer = async (port: number): Promise<types.PlainTransport> => {
      const transport = await router.createPlainTransport({
        listenInfo: { protocol: 'udp', ip: '127.0.0.1', portRange: { ...workerPorts }, ...videoBuffers },
        rtcpMux: true,
        comedia: false,
      });
      await transport.connect({ ip: '127.0.0.1', port });
      return transport;
    };
    try {
      const hasVideo = profile.videoCodecs.length > 0 && videoPort !== undefined;
      const mixerTransport = await toMixer(mixer.rtpPort);
      const videoTransport = hasVideo ? await toMixer(videoPort) : undefined;
      return new ProfileRouter(options, router, webRtcServer, [mixerTransport, videoTransport]);
    } catch (error) {
      router.close();
      throw error;
    }
  }

  private constructor(
    options: ProfileRouterOptions,
    router: types.Router,
    webRtcServer: types.WebRtcServer,
    [mixerTransport, videoTransport]: [types.PlainTransport, types.PlainTransport | undefined],
  ) {
    super();
    this.#options = options;
    this.profile = options.profile;
    this.router = router;
    this.webRtcServer = webRtcServer;
    this.mixerTransport = mixerTransport;
    this.#videoTransport = videoTransport;
  }

  /** Where the mixer sends to, on 127.0.0.1. */
  get mixerSidePort(): number {
    return this.mixerTransport.tuple.localPort;
  }

  /** All video to and from the mixer. Throws `internal` for a profile without video. */
  get videoTransport(): types.PlainTransport {
    if (this.#videoTransport === undefined)
      throw new ZonebridgeError('internal', `router ${this.profile.key} has no video`);
    return this.#videoTransport;
  }

  /** What the browsers of this router share; each that takes it must give it back, or the mixer encodes for nobody. */
  async takePictures(codec: VideoCodec): Promise<SharedPictures> {
    const { conferenceId, mixer, profile } = this.#options;
    this.#pictureUsers += 1;
    this.#pictures ??= SharedPictures.create({
      id: `${conferenceId} ${profile.key}`,
      conferenceId,
      mixer,
      codec,
      transport: this.videoTransport,
    });
    const taken = this.#pictures;
    try {
      return await taken;
    } catch (error) {
      this.#pictureUsers -= 1;
      if (this.#pictures === taken) this.#pictures = undefined;
      throw error;
    }
  }

  async giveBackPictures(): Promise<void> {
    this.#pictureUsers -= 1;
    if (this.#pictureUsers === 0) await this.#closePictures();
  }

  /** The mixer was replaced. */
  async resumePictures(): Promise<void> {
    await (await this.#pictures)?.resume();
  }

  protected async release(): Promise<void> {
    await this.#closePictures();
    this.router.close();
  }

  async #closePictures(): Promise<void> {
    const pictures = this.#pictures;
    this.#pictures = undefined;
    await (await pictures?.catch(() => undefined))?.close('not used');
  }
}
