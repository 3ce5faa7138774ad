import type { types } from 'mediasoup';
import {
  Closable,
  videoFeedbacks,
  type MediaDirection,
  type SessionDescription,
  type Stage,
  type TransportDescription,
  type VideoCodec,
  type VideoCodecName,
  type VideoDescription,
} from '#kernel/index.ts';
import type { VideoLegStats } from '../contract.ts';
import type { VideoInbound } from '../mixer/contract.ts';
import { consumerExtensions, offeredExtensions, producerExtensions } from './headerExtensions.ts';
import { consumeForMixer, mixerInbound } from './mixerSide.ts';
import { sends } from './negotiation.ts';
import type { ProfileRouter } from './ProfileRouter.ts';
import type { SharedPictures } from './SharedPictures.ts';
import { browserCapabilities, localVideoCodec, videoStreamCodecs } from './videoCodecs.ts';
import type { VideoPart, VideoSections } from './videoPart.ts';
import { WantedLayer } from './WantedLayer.ts';

/** MIDs of the sections that we offer to browsers after the audio's. */
const mids = { video: '1', screen: '2', alternate: '3' } as const;
/** Sizes of the camera that we take, the smallest first; the page makes them 180, 360 and 720 lines high where the camera has as many. */
const rids = ['q', 'h', 'f'];
/** Largest tile, pixels of height, that the layers but the last are sharp enough for. */
const layerHeights = [180, 360];
/** The picture before stays for as long as the other one may take to begin. */
const switchMs = 1500;

export interface BrowserVideoOptions {
  readonly router: ProfileRouter;
  /** Shared with the audio. */
  readonly transport: types.WebRtcTransport;
  readonly describeTransport: () => TransportDescription;
  readonly codec: VideoCodec;
  /** Begins outside of the room: nothing of its pictures is sent. */
  readonly held: boolean;
}

type Source = 'camera' | 'screen';
type Sent = keyof typeof mids;

/** A source on its way to the mixer. */
interface Arriving {
  readonly producer: types.Producer;
  readonly toMixer: types.Consumer;
  /** Undefined: it comes in one size. */
  readonly layer: WantedLayer | undefined;
  readonly description: VideoDescription;
}

/** A browser's cameras and pictures, all on the transport of its audio: it watches what all browsers share. */
export class BrowserVideo extends Closable implements VideoPart {
  readonly outbound = undefined;
  readonly #options: BrowserVideoOptions;
  readonly #consumers: Readonly<Record<Sent, types.Consumer>>;
  readonly #arriving = new Map<Source, Arriving>();
  #switching: NodeJS.Timeout | undefined;
  #held: boolean;
  /** What it watches when it is in the room. */
  #watches: Readonly<Record<Sent, boolean>> = { video: true, screen: false, alternate: false };

  static async create(options: BrowserVideoOptions): Promise<BrowserVideo> {
    const { router, transport, codec, held } = options;
    const pictures = await router.takePictures(codec);
    try {
      const consume = (sent: Sent, picture: 'shared' | 'screen' | 'alternate'): Promise<types.Consumer> =>
        transport.consume({
          producerId: pictures.producerId(picture),
          rtpCapabilities: {
            codecs: browserCapabilities(router.router, codec),
            headerExtensions: consumerExtensions(router.router, 'video'),
          },
          mid: mids[sent],
          paused: held || sent !== 'video',
        });
      const consumers = {
        video: await consume('video', 'shared'),
        screen: await consume('screen', 'screen'),
        alternate: await consume('alternate', 'alternate'),
      };
      return new BrowserVideo(options, pictures, consumers);
    } catch (error) {
      await router.giveBackPictures();
      throw error;
    }
  }

  private constructor(
    options: BrowserVideoOptions,
    pictures: SharedPictures,
    consumers: Record<Sent, types.Consumer>,
  ) {
    super();
    this.#options = options;
    this.#consumers = consumers;
    this.#held = options.held;
    pictures.watch(consumers.video);
  }

  get codec(): VideoCodecName {
    return this.#options.codec.name;
  }

  get camera(): VideoInbound | undefined {
    return mixerInbound(this.#arriving.get('camera')?.toMixer, this.#options.codec);
  }

  get screen(): VideoInbound | undefined {
    return mixerInbound(this.#arriving.get('screen')?.toMixer, this.#options.codec);
  }

  describe(): VideoSections {
    return {
      video: { ...this.#section('video', 'sendrecv'), rids },
      screen: this.#section('screen', 'sendrecv'),
      alternate: this.#section('alternate', 'sendonly'),
    };
  }

  /** What the browser sends, by its answer. */
  async accept({ video, screen }: SessionDescription): Promise<void> {
    await this.#receive('camera', mids.video, video);
    await this.#receive('screen', mids.screen, screen);
  }

  async want(source: Source, height: number): Promise<void> {
    const arriving = this.#arriving.get(source);
    if (arriving === undefined) return;
    const { toMixer, layer } = arriving;
    await layer?.want(layerFor(height));
    await (height === 0 ? toMixer.pause() : toMixer.resume());
  }

  async showStage(legId: string, { alternateFor, sharer }: Stage): Promise<void> {
    const { video, screen, alternate } = this.#consumers;
    const isAlternate = alternateFor === legId;
    const switches = isAlternate !== this.#watches.alternate;
    const watches = sharer !== undefined && sharer !== legId;
    this.#watches = { video: !isAlternate, screen: watches, alternate: isAlternate };
    if (this.#held) return;
    if (switches) {
      clearTimeout(this.#switching);
      const [next, before] = isAlternate ? [alternate, video] : [video, alternate];
      await next.resume();
      this.#switching = setTimeout(() => void pauseIfOpen(before), switchMs);
    }
    if (watches === screen.paused) await (watches ? screen.resume() : screen.pause());
  }

  /** What it watched last stays on its screen; the page covers it. */
  async setHeld(held: boolean): Promise<void> {
    this.#held = held;
    clearTimeout(this.#switching);
    for (const sent of ['video', 'screen', 'alternate'] as const) {
      const consumer = this.#consumers[sent];
      await (!held && this.#watches[sent] ? consumer.resume() : consumer.pause());
    }
  }

  /** What browsers share is resumed once, by their router. */
  resume(): Promise<void> {
    return Promise.resolve();
  }

  async reportedLoss(): Promise<number | undefined> {
    const [sent] = await this.#consumers.video.getStats();
    return sent === undefined ? undefined : sent.fractionLost / 256;
  }

  async stats(): Promise<VideoLegStats> {
    const [sent] = await this.#consumers.video.getStats();
    const received = (await this.#arriving.get('camera')?.producer.getStats()) ?? [];
    const sum = (value: (stat: types.ProducerStat) => number): number =>
      received.reduce((total, stat) => total + value(stat), 0);
    return {
      codec: this.codec,
      packetsReceived: sum(({ packetCount }) => packetCount),
      packetsLost: sum(({ packetsLost }) => packetsLost),
      bitrateReceived: sum(({ bitrate }) => bitrate),
      packetsSent: sent?.packetCount ?? 0,
      bitrateSent: sent?.bitrate ?? 0,
    };
  }

  protected async release(): Promise<void> {
    clearTimeout(this.#switching);
    for (const arriving of this.#arriving.values()) stop(arriving);
    for (const consumer of Object.values(this.#consumers)) consumer.close();
    await this.#options.router.giveBackPictures();
  }

  #section(sent: Sent, direction: MediaDirection): VideoDescription {
    const { router, describeTransport, codec } = this.#options;
    const { rtpParameters } = this.#consumers[sent];
    const rtx = rtpParameters.codecs.find(({ mimeType }) => mimeType.toLowerCase() === 'video/rtx');
    const [encoding] = rtpParameters.encodings ?? [];
    return {
      ...describeTransport(),
      mid: mids[sent],
      direction,
      codecs: [
        {
          ...localVideoCodec(codec),
          feedback: videoFeedbacks,
          ...(rtx === undefined ? {} : { rtxPayloadType: rtx.payloadType }),
        },
      ],
      ...(encoding?.ssrc === undefined ? {} : { ssrc: encoding.ssrc }),
      ...(encoding?.rtx === undefined ? {} : { rtxSsrc: encoding.rtx.ssrc }),
      ...(rtpParameters.rtcp?.cname === undefined ? {} : { cname: rtpParameters.rtcp.cname }),
      headerExtensions: offeredExtensions(router.router, 'video'),
    };
  }

  async #receive(source: Source, mid: string, description: VideoDescription | undefined): Promise<void> {
    const { router, transport, codec } = this.#options;
    const before = this.#arriving.get(source);
    if (before !== undefined && description !== undefined && sends(description)) return;
    if (before !== undefined) stop(before);
    this.#arriving.delete(source);
    if (description === undefined || !sends(description)) return;
    const answered = description.codecs.find(({ payloadType }) => payloadType === codec.payloadType);
    const producer = await transport.produce({
      kind: 'video',
      rtpParameters: {
        mid,
        codecs: videoStreamCodecs(codec, answered?.feedback ?? [], answered?.rtxPayloadType),
        headerExtensions: producerExtensions(description.headerExtensions),
        encodings: encodingsOf(description),
      },
    });
    const toMixer = await consumeForMixer(router, producer, codec, description.headerExtensions);
    const layer = toMixer.type === 'simulcast' ? new WantedLayer(producer, toMixer) : undefined;
    this.#arriving.set(source, { producer, toMixer, layer, description });
  }
}

function stop({ producer, layer }: Arriving): void {
  layer?.close();
  producer.close();
}

function layerFor(height: number): number | undefined {
  if (height === 0) return undefined;
  const layer = layerHeights.findIndex((enough) => height <= enough);
  return layer === -1 ? layerHeights.length : layer;
}

function encodingsOf({ rids: sent, ssrc, rtxSsrc }: VideoDescription): types.RtpEncodingParameters[] {
  if (sent !== undefined) return sent.map((rid) => ({ rid }));
  if (ssrc === undefined) return [{}];
  return [{ ssrc, ...(rtxSsrc === undefined ? {} : { rtx: { ssrc: rtxSsrc } }) }];
}

async function pauseIfOpen(consumer: types.Consumer): Promise<void> {
  if (!consumer.closed) await consumer.pause().catch(() => undefined);
}
