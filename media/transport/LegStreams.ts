import { setTimeout as sleep } from 'node:timers/promises';
import type { types } from 'mediasoup';
import { Closable, type AudioCodec, type HeaderExtensions, type TelephoneEvent } from '#kernel/index.ts';
import type { MixerLeg } from '../mixer/contract.ts';
import type { ProfileRouter } from './ProfileRouter.ts';
import type { OutboundIdentity } from './outboundIdentity.ts';
import { streamCodecs } from './payloadProfile.ts';
import {
  consumerExtensions,
  extensionId,
  mixerExtensions,
  offeredExtensions,
  producerExtensions,
} from './headerExtensions.ts';

/** A stream of 20 ms packets shows itself in this time. */
const arrival = { attempts: 5, intervalMs: 25 };

export interface LegStreamsOptions {
  readonly router: ProfileRouter;
  readonly transport: types.Transport;
  readonly codec: AudioCodec;
  readonly identity: OutboundIdentity;
  /** Set for far ends that name streams by MID. */
  readonly mid: string | undefined;
}

export interface Inbound {
  readonly ssrc: number | undefined;
  readonly telephoneEvent: TelephoneEvent | undefined;
  readonly extensions: HeaderExtensions;
}

/** A leg's voice to the mixer and the mixer's voice to the leg, in one router over one transport. */
export class LegStreams extends Closable {
  readonly #options: LegStreamsOptions;
  readonly #fromMixer: types.Producer;
  readonly #toFarEnd: types.Consumer;
  #fromFarEnd: types.Producer | undefined;
  #toMixer: types.Consumer | undefined;
  #inbound: Inbound | undefined;
  #receiving = true;

  static async create(options: LegStreamsOptions): Promise<LegStreams> {
    const { router, transport, codec, identity, mid } = options;
    const fromMixer = await router.mixerTransport.produce({
      kind: 'audio',
      rtpParameters: {
        codecs: streamCodecs(codec, undefined),
        encodings: [{ ssrc: identity.ssrc }],
        rtcp: { cname: identity.cname },
      },
    });
    try {
      const toFarEnd = await transport.consume({
        producerId: fromMixer.id,
        rtpCapabilities: {
          codecs: capabilities(codec, undefined),
          headerExtensions: mid === undefined ? [] : consumerExtensions(router.router, 'audio'),
        },
        ...(mid === undefined ? {} : { mid }),
      });
      return new LegStreams(options, fromMixer, toFarEnd);
    } catch (error) {
      fromMixer.close();
      throw error;
    }
  }

  private constructor(options: LegStreamsOptions, fromMixer: types.Producer, toFarEnd: types.Consumer) {
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

  get offeredExtensions(): HeaderExtensions {
    return this.#options.mid === undefined ? {} : offeredExtensions(this.#options.router.router, 'audio');
  }

  /** What is received now; undefined before `receive`. */
  get inbound(): Inbound | undefined {
    return this.#inbound;
  }

  /** What the mixer must know of this leg. */
  get mixerSide(): Pick<MixerLeg, 'inbound' | 'outbound'> {
    const { ssrc, sequenceOffset, timestampOffset } = this.#options.identity;
    const outbound = { ssrc, port: this.#options.router.mixerSidePort, sequenceOffset, timestampOffset };
    const arriving = this.#toMixer?.rtpParameters;
    const inboundSsrc = arriving?.encodings?.[0]?.ssrc;
    if (arriving === undefined || inboundSsrc === undefined) return { outbound };
    const audioLevelId = extensionId(arriving, 'audioLevel');
    return {
      outbound,
      inbound: { ssrc: inboundSsrc, ...(audioLevelId === undefined ? {} : { audioLevelId }) },
    };
  }

  /** Takes the far end's stream, in place of the one before. */
  async receive(inbound: Inbound): Promise<void> {
    const { router, transport, codec, mid } = this.#options;
    const { telephoneEvent } = inbound;
    this.#fromFarEnd?.close();
    this.#fromFarEnd = undefined;
    const extensions = mid === undefined ? [] : producerExtensions(inbound.extensions);
    const hasMid = mid !== undefined && inbound.extensions.mid !== undefined;
    const producer = await transport.produce({
      kind: 'audio',
      rtpParameters: {
        ...(hasMid ? { mid } : {}),
        codecs: streamCodecs(codec, telephoneEvent),
        headerExtensions: extensions,
        encodings: [inbound.ssrc === undefined ? {} : { ssrc: inbound.ssrc }],
      },
      paused: !this.#receiving,
    });
    this.#fromFarEnd = producer;
    this.#inbound = inbound;
    this.#toMixer = await router.mixerTransport.consume({
      producerId: producer.id,
      rtpCapabilities: {
        codecs: capabilities(codec, telephoneEvent),
        headerExtensions: mixerExtensions(router.router, 'audio', inbound.extensions),
      },
    });
  }

  /** Takes this stream if it is there, and if the one before fell silent; else leaves all as it was. */
  async tryReceive(inbound: Inbound): Promise<boolean> {
    const before = this.#inbound;
    if (before !== undefined && (await this.#packetsArrive())) return false;
    await this.receive(inbound);
    if (await this.#packetsArrive()) return true;
    if (before !== undefined) await this.receive(before);
    return false;
  }

  async #packetsArrive(): Promise<boolean> {
    const atFirst = (await this.receivedStats())?.packetCount ?? 0;
    for (let attempt = 0; attempt < arrival.attempts; attempt += 1) {
      await sleep(arrival.intervalMs);
      if (((await this.receivedStats())?.packetCount ?? 0) > atFirst) return true;
    }
    return false;
  }

  /** False: nothing of the far end's reaches the mixer. */
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
}

function capabilities(
  codec: AudioCodec,
  telephoneEvent: TelephoneEvent | undefined,
): types.RtpCodecCapability[] {
  return streamCodecs(codec, telephoneEvent).map(({ mimeType, payloadType, clockRate, channels }) => ({
    kind: 'audio',
    mimeType,
    preferredPayloadType: payloadType,
    clockRate,
    channels: channels ?? 1,
    rtcpFeedback: [],
  }));
}
