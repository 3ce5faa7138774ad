import type { types } from 'mediasoup';
import { Closable, type VideoCodec, type VideoFeedback } from '#kernel/index.ts';
import { rungHeights, type Mixer, type MixerLadder, type VideoStreamStart } from '../mixer/contract.ts';
import { newOutboundIdentity, type OutboundIdentity } from './outboundIdentity.ts';
import { videoStreamCodecs } from './videoCodecs.ts';

/** What the mixer answers: the worker asks it for key frames. */
export const mixerFeedback = ['nack pli', 'ccm fir'] as const satisfies VideoFeedback[];

/** Consumers change layers in bursts. */
const demandDelayMs = 250;

export interface SharedPicturesOptions {
  /** Unique for the life of the mixer's conference. */
  readonly id: string;
  readonly conferenceId: string;
  readonly mixer: Mixer;
  readonly codec: VideoCodec;
  /** To the mixer. */
  readonly transport: types.PlainTransport;
}

interface Picture {
  readonly ladder: MixerLadder;
  readonly producer: types.Producer;
}

/** The mixer's pictures for all browsers of one router: encoded once, whatever their number. */
export class SharedPictures extends Closable {
  readonly #mixer: Mixer;
  readonly #pictures: Readonly<Record<MixerLadder['picture'], Picture>>;
  /** Who watches the shared picture, and which rung of it is sent to him. */
  readonly #viewers = new Map<types.Consumer, number | undefined>();
  #demandTimer: NodeJS.Timeout | undefined;
  #demand = '';

  static async create(options: SharedPicturesOptions): Promise<SharedPictures> {
    const shared = await produce(options, 'shared', rungHeights.length);
    const alternate = await produce(options, 'alternate', 1);
    const screen = await produce(options, 'screen', 1);
    const pictures = { shared, alternate, screen };
    for (const { ladder } of Object.values(pictures)) await options.mixer.setLadder(ladder);
    return new SharedPictures(options.mixer, pictures);
  }

  private constructor(mixer: Mixer, pictures: Record<MixerLadder['picture'], Picture>) {
    super();
    this.#mixer = mixer;
    this.#pictures = pictures;
  }

  producerId(picture: MixerLadder['picture']): string {
    return this.#pictures[picture].producer.id;
  }

  /** A consumer of the shared picture: which rungs are sent to nobody, the mixer need not send in full. */
  watch(consumer: types.Consumer): void {
    this.#viewers.set(consumer, undefined);
    consumer.on('layerschange', (layers) => {
      this.#viewers.set(consumer, layers?.spatialLayer);
      this.#demandChanged();
    });
    const gone = (): void => {
      this.#viewers.delete(consumer);
      this.#demandChanged();
    };
    consumer.observer.once('close', gone);
  }

  /** The mixer was replaced. */
  async resume(): Promise<void> {
    for (const { producer } of Object.values(this.#pictures)) await resumeProducer(producer);
  }

  protected async release(): Promise<void> {
    clearTimeout(this.#demandTimer);
    for (const { ladder, producer } of Object.values(this.#pictures)) {
      producer.close();
      await this.#mixer.removeLadder(ladder.id);
    }
  }

  #demandChanged(): void {
    if (this.closed) return;
    this.#demandTimer ??= setTimeout(() => {
      this.#demandTimer = undefined;
      this.#tellDemand();
    }, demandDelayMs);
  }

  #tellDemand(): void {
    const watched = new Set(this.#viewers.values());
    const rungs = rungHeights.map((_height, layer) => watched.has(layer));
    const demand = rungs.join();
    if (demand === this.#demand) return;
    this.#demand = demand;
    // A mixer that is away is told all again when it is back.
    void this.#mixer.setDemand(this.#pictures.shared.ladder.id, rungs).catch(() => undefined);
  }
}

async function produce(
  { id, conferenceId, codec, transport }: SharedPicturesOptions,
  picture: MixerLadder['picture'],
  rungs: number,
): Promise<Picture> {
  const identities = Array.from({ length: rungs }, () => newOutboundIdentity());
  const producer = await transport.produce({
    kind: 'video',
    rtpParameters: {
      codecs: videoStreamCodecs(codec, mixerFeedback),
      encodings: identities.map(({ ssrc }) => ({ ssrc })),
      rtcp: { cname: identities[0]?.cname ?? '' },
    },
  });
  const encodings = identities.map((identity) => streamStart(identity, transport, codec));
  return { producer, ladder: { id: `${id} ${picture}`, conferenceId, picture, encodings } };
}

export function streamStart(
  { ssrc, sequenceOffset, timestampOffset }: OutboundIdentity,
  { tuple }: types.PlainTransport,
  { name, payloadType }: VideoCodec,
): VideoStreamStart {
  return { ssrc, port: tuple.localPort, payloadType, codec: name, sequenceOffset, timestampOffset };
}

/**
 * After a restart of the mixer its sequence numbers go on somewhere else. A far end's SRTP would take a jump for old packets;
 * consumers of a producer that was paused number on without one, from the next key frame.
 */
export async function resumeProducer(producer: types.Producer): Promise<void> {
  await producer.pause();
  await producer.resume();
}
