import type { types } from 'mediasoup';
import { Closable, type HeaderExtensions, type VideoCodec } from '#kernel/index.ts';
import type { VideoInbound, VideoStreamStart } from '../mixer/contract.ts';
import { producerExtensions } from './headerExtensions.ts';
import { consumeForMixer, mixerInbound } from './mixerSide.ts';
import type { OutboundIdentity } from './outboundIdentity.ts';
import type { ProfileRouter } from './ProfileRouter.ts';
import { mixerFeedback, resumeProducer, streamStart } from './SharedPictures.ts';
import { videoCapabilities, videoStreamCodecs } from './videoCodecs.ts';

/** A phone that is asked by signaling is not asked more often. */
const keyFrameIntervalMs = 1000;

export interface PhoneVideoStreamsOptions {
  readonly router: ProfileRouter;
  readonly transport: types.Transport;
  /** As the phone describes it, its feedback included. */
  readonly codec: VideoCodec;
  readonly identity: OutboundIdentity;
  /** The mixer wants a key frame, and the phone has no RTCP feedback by which the worker could ask. */
  readonly onKeyFrameWanted: () => void;
}

/** A phone's picture to the mixer and the mixer's picture to the phone, in one router over one transport. */
export class PhoneVideoStreams extends Closable {
  readonly #options: PhoneVideoStreamsOptions;
  readonly #fromMixer: types.Producer;
  readonly #toFarEnd: types.Consumer;
  #fromFarEnd: types.Producer | undefined;
  #toMixer: types.Consumer | undefined;
  #ssrc: number | undefined;
  #receiving = true;
  #wanted = false;

  static async create(options: PhoneVideoStreamsOptions): Promise<PhoneVideoStreams> {
    const { router, transport, codec, identity } = options;
    const fromMixer = await router.videoTransport.produce({
      kind: 'video',
      rtpParameters: {
        codecs: videoStreamCodecs(codec, mixerFeedback),
        encodings: [{ ssrc: identity.ssrc }],
        rtcp: { cname: identity.cname },
      },
    });
    try {
      const toFarEnd = await transport.consume({
        producerId: fromMixer.id,
        rtpCapabilities: {
          codecs: videoCapabilities(codec, codec.feedback),
          headerExtensions: [],
        },
      });
      return new PhoneVideoStreams(options, fromMixer, toFarEnd);
    } catch (error) {
      fromMixer.close();
      throw error;
    }
  }

  private constructor(
    options: PhoneVideoStreamsOptions,
    fromMixer: types.Producer,
    toFarEnd: types.Consumer,
  ) {
    super();
    this.#options = options;
    this.#fromMixer = fromMixer;
    this.#toFarEnd = toFarEnd;
  }

  /** What the far end sees arriving. */
  get sendingSsrc(): number | undefined {
    return this.#toFarEnd.rtpParameters.encodings?.[0]?.ssrc;
  }

  get cname(): string | undefined {
    return this.#toFarEnd.rtpParameters.rtcp?.cname;
  }

  get ssrc(): number | undefined {
    return this.#ssrc;
  }

  get outbound(): VideoStreamStart {
    const { identity, router, codec } = this.#options;
    return streamStart(identity, router.videoTransport, codec);
  }

  get inbound(): VideoInbound | undefined {
    return mixerInbound(this.#toMixer, this.#options.codec);
  }

  /** Takes the far end's stream, in place of the one before. */
  async receive(ssrc: number, extensions: HeaderExtensions): Promise<void> {
    const { router, transport, codec } = this.#options;
    this.#fromFarEnd?.close();
    const producer = await transport.produce({
      kind: 'video',
      rtpParameters: {
        codecs: videoStreamCodecs(codec, codec.feedback),
        headerExtensions: producerExtensions(extensions),
        encodings: [{ ssrc }],
      },
      paused: !this.#receiving,
    });
    this.#fromFarEnd = producer;
    this.#ssrc = ssrc;
    this.#toMixer = await consumeForMixer(router, producer, codec, extensions);
    if (!canAsk(codec)) await this.#tellKeyFrames(this.#toMixer);
    if (this.#wanted) await this.#toMixer.resume();
  }

  /** False: nothing of the far end's picture reaches the mixer, which need not decode it. */
  async want(wanted: boolean): Promise<void> {
    this.#wanted = wanted;
    await (wanted ? this.#toMixer?.resume() : this.#toMixer?.pause());
  }

  /** See `resumeProducer`. */
  async resume(): Promise<void> {
    await resumeProducer(this.#fromMixer);
  }

  async setReceiving(receiving: boolean): Promise<void> {
    this.#receiving = receiving;
    await (receiving ? this.#fromFarEnd?.resume() : this.#fromFarEnd?.pause());
  }

  /** False: the far end is sent nothing but RTCP. */
  async setSending(sending: boolean): Promise<void> {
    await (sending ? this.#toFarEnd.resume() : this.#toFarEnd.pause());
  }

  async receivedStats(): Promise<types.ProducerStat | undefined> {
    return (await this.#fromFarEnd?.getStats())?.[0];
  }

  async sentStats(): Promise<types.ConsumerStat | types.ProducerStat | undefined> {
    return (await this.#toFarEnd.getStats())[0];
  }

  protected release(): void {
    this.#fromFarEnd?.close();
    this.#fromMixer.close();
  }

  async #tellKeyFrames(toMixer: types.Consumer): Promise<void> {
    await toMixer.enableTraceEvent(['pli']);
    let askedMs = -Infinity;
    toMixer.on('trace', ({ type }) => {
      const nowMs = performance.now();
      if (type !== 'pli' || nowMs - askedMs < keyFrameIntervalMs) return;
      askedMs = nowMs;
      this.#options.onKeyFrameWanted();
    });
  }
}

function canAsk({ feedback }: VideoCodec): boolean {
  return feedback.includes('nack pli') || feedback.includes('ccm fir');
}
