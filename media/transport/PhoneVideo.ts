import {
  Closable,
  errorText,
  ZonebridgeError,
  type MediaDirection,
  type Stage,
  type VideoCodec,
  type VideoCodecName,
  type VideoDescription,
} from '#kernel/index.ts';
import type { VideoLegStats } from '../contract.ts';
import { rungHeights, type MixerVideoLeg, type RungHeight, type VideoInbound } from '../mixer/contract.ts';
import type { LegEndpoint, StreamListener } from './endpoint/contract.ts';
import { createEndpoint } from './endpoint/createEndpoint.ts';
import type { LegContext } from './legState.ts';
import { answerDirection, endpointKindOf, receives, sends, type EndpointKind } from './negotiation.ts';
import { newOutboundIdentity } from './outboundIdentity.ts';
import { videoProfile, type PayloadProfile } from './payloadProfile.ts';
import { PhoneVideoStreams } from './PhoneVideoStreams.ts';
import type { ProfileRouter } from './ProfileRouter.ts';
import { chooseVideoCodec, localVideoCodec, maxHeightOf, ownVideoCodecs } from './videoCodecs.ts';
import type { VideoPart, VideoSections } from './videoPart.ts';

/** A phone that loses more of its picture than `high` gets a smaller one, one step at a time; a larger one again after a calm time. */
const adapting = { high: 0.08, low: 0.01, calmMs: 20_000 };

export interface PhoneVideoOptions {
  readonly context: LegContext;
  readonly legId: string;
  readonly allowPlainRtp: boolean;
  readonly codecs: readonly VideoCodecName[];
  /** Bits per second of the largest picture. */
  readonly fullBitrate: number;
  /** The stream arrives, or arrives elsewhere: the mixer must be told. */
  readonly onChange: () => void;
  /** It must be asked for a key frame by signaling: it has no RTCP feedback. */
  readonly onKeyFrameWanted: () => void;
}

interface PhoneVideoState {
  readonly kind: EndpointKind;
  readonly profile: PayloadProfile;
  /** As the phone describes it; the first of ours while we wait for an answer. */
  readonly codec: VideoCodec;
  readonly direction: MediaDirection;
  readonly remote: VideoDescription | undefined;
}

/** A phone's video on a transport of its own, in a router of its own numbers: what happens to it never touches the voice. */
export class PhoneVideo extends Closable implements VideoPart {
  readonly screen = undefined;
  readonly #options: PhoneVideoOptions;
  readonly #identity = newOutboundIdentity();
  readonly #stream: StreamListener;
  #state: PhoneVideoState;
  #endpoint: LegEndpoint | undefined;
  #streams: PhoneVideoStreams | undefined;
  #wanted = false;
  #maxHeight: RungHeight | undefined;
  #calmSinceMs = 0;

  /** Undefined when nothing in the section can be used; the call then goes on without. */
  static async answer(offer: VideoDescription, options: PhoneVideoOptions): Promise<PhoneVideo | undefined> {
    const state = answeringState(offer, options);
    return state === undefined ? undefined : PhoneVideo.#open(new PhoneVideo(options, state));
  }

  static offer(options: PhoneVideoOptions): Promise<PhoneVideo> {
    const codecs = ownVideoCodecs(options.codecs);
    const [codec] = codecs;
    if (codec === undefined) throw new ZonebridgeError('invalid-argument', 'the zone has no video codec');
    const profile = videoProfile(codecs);
    const state = { kind: 'rtp', profile, codec, direction: 'sendrecv', remote: undefined } as const;
    return PhoneVideo.#open(new PhoneVideo(options, state));
  }

  static async #open(video: PhoneVideo): Promise<PhoneVideo> {
    try {
      await video.#replaceEndpoint();
      return video;
    } catch (error) {
      await video.close('failed');
      throw error;
    }
  }

  private constructor(options: PhoneVideoOptions, state: PhoneVideoState) {
    super();
    this.#options = options;
    this.#state = state;
    const ssrc = (): number | undefined => this.#streams?.ssrc;
    this.#stream = {
      get current() {
        return ssrc();
      },
      appeared: (appearing, payloadType) => this.#appeared(appearing, payloadType),
    };
  }

  get codec(): VideoCodecName {
    return this.#state.codec.name;
  }

  /** The numbers of streams that might be this one's. */
  get payloadType(): number {
    return this.#state.codec.payloadType;
  }

  get seesStreams(): boolean {
    return this.#endpoint?.seesStreams ?? true;
  }

  get camera(): VideoInbound | undefined {
    const { remote } = this.#state;
    return remote !== undefined && sends(remote) ? this.#streams?.inbound : undefined;
  }

  get outbound(): MixerVideoLeg['outbound'] {
    const streams = this.#streams;
    const { remote } = this.#state;
    if (streams === undefined || remote === undefined || !receives(remote)) return undefined;
    const { maxBitrate } = remote;
    return {
      ...streams.outbound,
      maxHeight: this.#maxHeight ?? this.#largest(),
      ...(maxBitrate === undefined ? {} : { maxBitrate }),
    };
  }

  describe(): VideoSections {
    const { codec, profile, direction, remote } = this.#state;
    const endpoint = this.#opened();
    const streams = this.#streams;
    const offered = remote === undefined ? profile.videoCodecs : [codec];
    return {
      video: {
        ...endpoint.describe(),
        ...(remote?.mid === undefined ? {} : { mid: remote.mid }),
        direction,
        codecs: offered.map((one) => withoutRtx(localVideoCodec(one))),
        ...(streams?.sendingSsrc === undefined ? {} : { ssrc: streams.sendingSsrc }),
        ...(streams?.cname === undefined ? {} : { cname: streams.cname }),
        headerExtensions: orientationOf(remote),
        maxBitrate: this.#options.fullBitrate,
      },
    };
  }

  /** The answer to our offer. False when it leaves nothing to use. */
  async accept(answer: VideoDescription): Promise<boolean> {
    const { profile } = this.#state;
    const codec = answer.codecs.find(({ name, payloadType }) =>
      profile.videoCodecs.some((ours) => ours.name === name && ours.payloadType === payloadType),
    );
    const ours = profile.videoCodecs.find(({ payloadType }) => payloadType === codec?.payloadType);
    if (codec === undefined || !(await this.#opened().update(answer))) return false;
    // The router's own parameters, what the phone can take apart.
    this.#state = { ...this.#state, codec: { ...codec, ...routerSide(ours) }, remote: answer };
    await this.#replaceStreams();
    return true;
  }

  /** The phone offers again. False when this cannot become what it asks for. */
  async renegotiate(offer: VideoDescription): Promise<boolean> {
    const next = answeringState(offer, this.#options);
    const endpoint = this.#opened();
    if (next?.kind !== this.#state.kind || endpoint.transport.closed) return false;
    const moved = next.profile.key !== this.#state.profile.key;
    if (moved && endpoint.move === undefined) return false;
    if (!(await endpoint.update(offer))) return false;
    const before = this.#state;
    this.#state = next;
    this.#maxHeight = undefined;
    if (moved) {
      await endpoint.move?.(await this.#router());
      await this.#replaceStreams();
    } else {
      if (offer.ssrc !== undefined && offer.ssrc !== before.remote?.ssrc) await this.#receive(offer.ssrc);
      await this.#applyDirection();
    }
    return true;
  }

  /** Makes in a new worker what went with the old one. False when only a new offer can bring it back. */
  async restore(): Promise<boolean> {
    const endpoint = this.#opened();
    if (!endpoint.transport.closed && this.#streams?.closed === false) return true;
    if (endpoint.move === undefined) return false;
    await endpoint.move(await this.#router());
    await this.#replaceStreams(this.#streams?.ssrc);
    return true;
  }

  async want(source: 'camera' | 'screen', height: number): Promise<void> {
    if (source !== 'camera') return;
    this.#wanted = height > 0;
    await this.#streams?.want(this.#wanted);
  }

  setHeld(_held: boolean): Promise<void> {
    return Promise.resolve();
  }

  showStage(_legId: string, _stage: Stage): Promise<void> {
    return Promise.resolve();
  }

  async resume(): Promise<void> {
    await this.#streams?.resume();
  }

  async reportedLoss(): Promise<number | undefined> {
    const sent = await this.#streams?.sentStats();
    return sent === undefined ? undefined : sent.fractionLost / 256;
  }

  /** True when it is to get another size from now on. */
  adapt(loss: number, nowMs: number): boolean {
    const height = this.#maxHeight ?? this.#largest();
    const rung = rungHeights.indexOf(height);
    if (loss > adapting.low) this.#calmSinceMs = nowMs;
    const calm = nowMs - this.#calmSinceMs > adapting.calmMs && height < this.#largest();
    const next = loss > adapting.high ? rungHeights[rung - 1] : calm ? rungHeights[rung + 1] : undefined;
    if (next === undefined) return false;
    this.#calmSinceMs = nowMs;
    this.#maxHeight = next;
    return true;
  }

  /** Takes a stream whose transport is not known if it is this leg's. */
  async tryStream(ssrc: number): Promise<boolean> {
    if (this.#streams?.ssrc !== undefined) return false;
    await this.#receive(ssrc);
    return true;
  }

  async stats(): Promise<VideoLegStats> {
    const [received, sent] = await Promise.all([this.#streams?.receivedStats(), this.#streams?.sentStats()]);
    return {
      codec: this.codec,
      packetsReceived: received?.packetCount ?? 0,
      packetsLost: received?.packetsLost ?? 0,
      packetsSent: sent?.packetCount ?? 0,
      bitrateReceived: received?.bitrate ?? 0,
      bitrateSent: sent?.bitrate ?? 0,
    };
  }

  protected async release(): Promise<void> {
    await this.#streams?.close('leg closed');
    await this.#endpoint?.close('leg closed');
  }

  #opened(): LegEndpoint {
    if (this.#endpoint === undefined) throw new ZonebridgeError('closed', 'the video has no endpoint');
    return this.#endpoint;
  }

  #router(): Promise<ProfileRouter> {
    return this.#options.context.router(this.#state.profile);
  }

  #largest(): RungHeight {
    const { codec, remote } = this.#state;
    const theirs = remote?.codecs.find(({ payloadType }) => payloadType === codec.payloadType) ?? codec;
    return maxHeightOf(theirs, remote?.maxBitrate, this.#options.fullBitrate);
  }

  async #replaceEndpoint(): Promise<void> {
    const { kind, remote } = this.#state;
    const router = await this.#router();
    const to = { router, stream: this.#stream, offer: remote };
    this.#endpoint = await createEndpoint(this.#options.context, kind, to);
    if (remote !== undefined) await this.#replaceStreams();
  }

  async #replaceStreams(ssrc = this.#state.remote?.ssrc): Promise<void> {
    // The mixer's stream keeps its SSRC, so the old way must be closed before the new one opens.
    await this.#streams?.close('replaced');
    const { transport } = this.#opened();
    const { codec } = this.#state;
    this.#streams = await PhoneVideoStreams.create({
      router: await this.#router(),
      transport,
      codec,
      identity: this.#identity,
      onKeyFrameWanted: this.#options.onKeyFrameWanted,
    });
    await this.#streams.want(this.#wanted);
    if (ssrc !== undefined) await this.#receive(ssrc);
    await this.#applyDirection();
  }

  async #receive(ssrc: number): Promise<void> {
    await this.#streams?.receive(ssrc, orientationOf(this.#state.remote));
  }

  async #applyDirection(): Promise<void> {
    const { remote } = this.#state;
    await this.#streams?.setSending(remote !== undefined && receives(remote));
    await this.#streams?.setReceiving(remote !== undefined && sends(remote));
  }

  #appeared(ssrc: number, payloadType: number): void {
    if (this.closed || payloadType !== this.payloadType) return;
    const { context, legId, onChange } = this.#options;
    context
      .run(async () => {
        if (this.closed) return;
        await this.#receive(ssrc);
        onChange();
      })
      .catch((error: unknown) => {
        context.log.debug({ leg: legId, error: errorText(error) }, 'a picture could not be taken');
      });
  }
}

function answeringState(
  offer: VideoDescription,
  { codecs, allowPlainRtp }: PhoneVideoOptions,
): PhoneVideoState | undefined {
  const codec = chooseVideoCodec(offer, codecs);
  if (codec === undefined) return undefined;
  const kind = endpointKindOf(offer, allowPlainRtp);
  const direction = answerDirection(offer.direction);
  return { kind, profile: videoProfile([codec]), codec, direction, remote: offer };
}

/** A router knows the parameters that it was made with; those of an answer may say another level. */
function routerSide(ours: VideoCodec | undefined): Partial<VideoCodec> {
  return ours === undefined ? {} : { parameters: ours.parameters };
}

/** Ours are never sent again as RTX to a phone: the worker chooses that number itself, and an answer must use the offerer's. */
function withoutRtx({ name, payloadType, parameters, feedback }: VideoCodec): VideoCodec {
  return { name, payloadType, parameters, feedback };
}

function orientationOf(remote: VideoDescription | undefined): VideoDescription['headerExtensions'] {
  const id = remote?.headerExtensions.videoOrientation;
  return id === undefined ? {} : { videoOrientation: id };
}
