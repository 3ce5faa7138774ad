import {
  Closable,
  errorCodeOf,
  errorText,
  type SessionDescription,
  type Stage,
  type VideoDescription,
} from '#kernel/index.ts';
import type { LegOptions, Slate, VideoLegStats } from '../contract.ts';
import type { MixerVideoLeg } from '../mixer/contract.ts';
import { BrowserVideo } from './BrowserVideo.ts';
import type { IceEndpoint } from './endpoint/IceEndpoint.ts';
import type { LegContext } from './legState.ts';
import { PhoneVideo, type PhoneVideoOptions } from './PhoneVideo.ts';
import type { ProfileRouter } from './ProfileRouter.ts';
import { ownVideoCodecs } from './videoCodecs.ts';
import type { VideoPart, VideoSections } from './videoPart.ts';

type Source = 'camera' | 'screen';

export interface LegVideoOptions {
  readonly context: LegContext;
  readonly leg: LegOptions;
  readonly kind: 'browser' | 'phone';
}

/**
 * How a leg is seen and what it sees. In a zone with video every leg is on the picture, one without a camera by its name. All that changes
 * it runs on the conference's queue.
 */
export class LegVideo extends Closable {
  readonly #options: LegVideoOptions;
  #part: VideoPart | undefined;
  #muted = false;
  #cameraOn = true;
  #sharing = false;
  #held: Slate | undefined;
  #label: string;
  #stage: Stage | undefined;
  #dropped = false;
  readonly #wanted = new Map<Source, number>();
  #told = false;

  constructor(options: LegVideoOptions) {
    super();
    this.#options = options;
    this.#held = options.leg.held;
    this.#label = options.leg.label;
  }

  /** The zone has video, and this call may use it. */
  get allowed(): boolean {
    return this.#options.context.video !== undefined && this.#options.leg.allowVideo && !this.#dropped;
  }

  get sections(): VideoSections {
    return this.#part?.describe() ?? {};
  }

  /** Numbers of streams that might be this leg's although nobody saw on which transport they came. */
  get unseenPayloadType(): number | undefined {
    const part = this.#part;
    return part instanceof PhoneVideo && !part.seesStreams ? part.payloadType : undefined;
  }

  /** A phone's offer, the first or another. */
  async answer(offer: VideoDescription | undefined): Promise<void> {
    const part = this.#part;
    const wanted = this.allowed ? offer : undefined;
    if (part instanceof PhoneVideo && wanted !== undefined && (await part.renegotiate(wanted))) return;
    await this.#replace(async () => (wanted === undefined ? undefined : this.#answered(wanted)));
  }

  /** Our first offer to a phone. */
  async offerPhone(): Promise<void> {
    if (this.allowed) await this.#replace(() => PhoneVideo.offer(this.#phoneOptions()));
  }

  /** Our offer to a browser, on a fresh transport. */
  async offerBrowser(router: ProfileRouter, endpoint: IceEndpoint): Promise<void> {
    const [codec] = router.profile.videoCodecs;
    await this.#replace(async () =>
      codec === undefined || !this.allowed
        ? undefined
        : BrowserVideo.create({
            router,
            transport: endpoint.transport,
            describeTransport: () => endpoint.describe(),
            codec,
            held: this.#held !== undefined,
          }),
    );
  }

  /** The answer to our offer; a far end that takes no video goes on without. */
  async accept(answer: SessionDescription): Promise<void> {
    const part = this.#part;
    const { video } = answer;
    if (part === undefined) return;
    if (part instanceof BrowserVideo && video !== undefined) return part.accept(answer);
    const taken = part instanceof PhoneVideo && video !== undefined && (await part.accept(video));
    if (!taken) await this.#replace(() => Promise.resolve(undefined));
  }

  /** Makes in a new worker what went with the old one. A browser's comes with its next offer. */
  async restore(): Promise<void> {
    const part = this.#part;
    if (part instanceof PhoneVideo && !(await part.restore())) {
      await this.#replace(() => Promise.resolve(undefined));
    }
    await this.tell();
  }

  /** For good. */
  async drop(): Promise<void> {
    this.#dropped = true;
    await this.#replace(() => Promise.resolve(undefined));
    await this.tell();
  }

  async setMuted(muted: boolean): Promise<void> {
    this.#muted = muted;
    await this.tell();
  }

  async setCamera(on: boolean): Promise<void> {
    this.#cameraOn = on;
    await this.tell();
  }

  async setSharing(on: boolean): Promise<void> {
    this.#sharing = on;
    await this.tell();
  }

  async hold(slate: Slate | undefined): Promise<void> {
    this.#held = slate;
    await this.#part?.setHeld(slate !== undefined);
    await this.tell();
  }

  async setLabel(label: string): Promise<void> {
    this.#label = label;
    await this.tell();
  }

  async want(source: Source, height: number): Promise<void> {
    this.#wanted.set(source, height);
    await this.#part?.want(source, height);
  }

  async showStage(stage: Stage): Promise<void> {
    this.#stage = stage;
    await this.#part?.showStage(this.#options.leg.id, stage);
  }

  /** The mixer was replaced. */
  async resume(): Promise<void> {
    await this.#part?.resume();
  }

  async requestKeyFrame(): Promise<void> {
    if (this.#told) await this.#options.context.mixer.requestKeyFrame(this.#options.leg.id);
  }

  /** Whether the stream could be this leg's, and now is. */
  async tryStream(ssrc: number): Promise<boolean> {
    const taken = this.#part instanceof PhoneVideo && (await this.#part.tryStream(ssrc));
    if (taken) await this.tell();
    return taken;
  }

  /** Gives a phone that loses much a smaller picture. */
  async adapt(nowMs: number): Promise<void> {
    const part = this.#part;
    if (!(part instanceof PhoneVideo)) return;
    const loss = await part.reportedLoss();
    if (loss !== undefined && part.adapt(loss, nowMs)) await this.tell();
  }

  stats(): Promise<VideoLegStats | undefined> {
    return this.#part?.stats() ?? Promise.resolve(undefined);
  }

  /** Tells the mixer how this leg is seen now, and what it is sent. */
  async tell(): Promise<void> {
    const { context, leg, kind } = this.#options;
    if (context.video === undefined || this.closed) return;
    const { camera, screen, outbound } = this.#part ?? {};
    const person: MixerVideoLeg = {
      id: leg.id,
      conferenceId: context.conferenceId,
      kind,
      label: this.#label,
      muted: this.#muted,
      ...(this.#held === undefined ? {} : { held: this.#held }),
      ...(camera !== undefined && this.#cameraOn ? { camera } : {}),
      ...(screen !== undefined && this.#sharing ? { screen } : {}),
      ...(outbound === undefined ? {} : { outbound }),
    };
    this.#told = true;
    await context.mixer.setVideoLeg(person);
  }

  protected async release(): Promise<void> {
    const { context, leg } = this.#options;
    await this.#part?.close('leg closed');
    if (this.#told) await context.mixer.removeVideoLeg(leg.id);
  }

  /** The old one goes first: the mixer's streams keep their SSRCs. */
  async #replace(make: () => Promise<VideoPart | undefined>): Promise<void> {
    const before = this.#part;
    this.#part = undefined;
    await before?.close('replaced');
    const part = await make();
    this.#part = part;
    if (part === undefined) return;
    for (const [source, height] of this.#wanted) await part.want(source, height);
    if (this.#stage !== undefined) await part.showStage(this.#options.leg.id, this.#stage);
  }

  /** Undefined for what the zone does not take: the call goes on without. */
  async #answered(offer: VideoDescription): Promise<PhoneVideo | undefined> {
    try {
      return await PhoneVideo.answer(offer, this.#phoneOptions());
    } catch (error) {
      if (errorCodeOf(error) !== 'not-acceptable') throw error;
      this.#options.context.log.info({ leg: this.#options.leg.id, error: errorText(error) }, 'video refused');
      return undefined;
    }
  }

  #phoneOptions(): PhoneVideoOptions {
    const { context, leg } = this.#options;
    const { codecs = [], maxBitrate = 0 } = context.video ?? {};
    return {
      context,
      legId: leg.id,
      allowPlainRtp: leg.allowPlainRtp,
      codecs,
      fullBitrate: maxBitrate,
      onChange: () => void this.tell().catch(() => undefined),
      onKeyFrameWanted: () => context.keyFrameWanted(leg.id),
    };
  }
}

/** What a browser's router must have for this leg. */
export function browserVideoCodecs(
  { video }: LegContext,
  { allowVideo }: LegOptions,
): ReturnType<typeof ownVideoCodecs> {
  return video === undefined || !allowVideo ? [] : ownVideoCodecs(video.codecs.slice(0, 1));
}
