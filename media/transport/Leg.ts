import {
  Closable,
  errorText,
  ZonebridgeError,
  type AudioDescription,
  type SessionDescription,
  type TransportDescription,
} from '#kernel/index.ts';
import type { LegOptions, LegStats, MediaLeg, Slate } from '../contract.ts';
import type { LegEndpoint, StreamListener } from './endpoint/contract.ts';
import { createEndpoint } from './endpoint/createEndpoint.ts';
import { IceEndpoint } from './endpoint/IceEndpoint.ts';
import {
  answeringState,
  inboundOf,
  isSameInbound,
  learnedInbound,
  offeringState,
  payloadTypesOf,
  type LegContext,
  type LegParts,
  type LegState,
} from './legState.ts';
import { LegInMixer } from './LegInMixer.ts';
import { LegStreams, type Inbound } from './LegStreams.ts';
import { browserVideoCodecs, LegVideo } from './LegVideo.ts';
import { legStats } from './legStats.ts';
import { localDescription } from './localDescription.ts';
import { endpointKindOf, receives, sends, settle } from './negotiation.ts';
import { newOutboundIdentity, type OutboundIdentity } from './outboundIdentity.ts';
import type { ProfileRouter } from './ProfileRouter.ts';
import type { UnknownStream } from './worker/workerLog.ts';

/** One far end in a conference. All that changes it runs on the conference's queue. */
export class Leg extends Closable implements MediaLeg {
  readonly id: string;
  readonly video: LegVideo;
  readonly inMixer: LegInMixer;
  readonly #context: LegContext;
  readonly #options: LegOptions;
  readonly #identity: OutboundIdentity = newOutboundIdentity();
  #state: LegState;
  #parts: LegParts | undefined;
  #local: AudioDescription | undefined;
  /** We made an offer that has no answer yet. */
  #offering = false;
  /** The endpoint went with its worker, and only a new offer brings it back. */
  #lost = false;
  /** What the endpoint asks and tells of streams that arrive. */
  readonly #stream: StreamListener;

  /** On the conference's queue. */
  static async answer(context: LegContext, offer: SessionDescription, options: LegOptions): Promise<Leg> {
    const state = answeringState(offer.audio, options, context.audioCodecs);
    const leg = new Leg(context, options, state, 'phone');
    return Leg.#open(leg, () => leg.video.answer(offer.video));
  }

  /** On the conference's queue. */
  static async offer(context: LegContext, far: 'browser' | 'phone', options: LegOptions): Promise<Leg> {
    const video = browserVideoCodecs(context, options);
    const leg = new Leg(context, options, offeringState(far, context.audioCodecs, video), far);
    leg.#offering = true;
    return Leg.#open(leg, () => leg.#offerVideo());
  }

  static async #open(leg: Leg, addVideo: () => Promise<void>): Promise<Leg> {
    try {
      await leg.#replaceEndpoint(leg.#state.remote);
      await addVideo();
      leg.#describe();
    } catch (error) {
      await leg.video.close('failed');
      await leg.#releaseParts();
      throw error;
    }
    return leg;
  }

  private constructor(context: LegContext, options: LegOptions, state: LegState, far: 'browser' | 'phone') {
    super();
    this.id = options.id;
    this.#context = context;
    this.#options = options;
    this.#state = state;
    this.inMixer = new LegInMixer(context, options.id, options.held !== undefined);
    this.video = new LegVideo({ context, leg: options, kind: far });
    const ssrc = (): number | undefined => this.#parts?.streams.inbound?.ssrc;
    this.#stream = {
      get current() {
        return ssrc();
      },
      appeared: (appearing, payloadType) => this.#appeared(appearing, payloadType),
    };
  }

  get local(): SessionDescription {
    if (this.#local === undefined)
      throw new ZonebridgeError('internal', 'a leg is used before it was opened');
    return { audio: this.#local, ...this.video.sections };
  }

  accept(session: SessionDescription): Promise<void> {
    const answer = session.audio;
    return this.#run(async () => {
      if (!this.#offering) throw new ZonebridgeError('invalid-argument', `leg ${this.id} has made no offer`);
      if (answer.security.kind === 'none' && !this.#options.allowPlainRtp) endpointKindOf(answer, false);
      const { endpoint } = this.#opened();
      const negotiated = settle(this.#state.profile, answer);
      if (!(await endpoint.update(answer))) {
        throw new ZonebridgeError('not-acceptable', 'the answer asks for another transport than was offered');
      }
      await this.#adopt({ ...this.#state, ...negotiated, remote: answer });
      await this.video.accept(session);
      await this.video.tell();
      this.#offering = false;
      this.#describe();
    });
  }

  renegotiate(session: SessionDescription): Promise<SessionDescription> {
    const offer = session.audio;
    return this.#run(async () => {
      const next = answeringState(offer, this.#options, this.#context.audioCodecs);
      const { endpoint } = this.#opened();
      this.#offering = false;
      const moved = next.profile.key !== this.#state.profile.key;
      const stays = !this.#lost && next.kind === this.#state.kind && (!moved || endpoint.move !== undefined);
      if (stays && (await endpoint.update(offer))) await this.#adopt(next);
      else await this.#become(next, () => this.#replaceEndpoint(offer));
      await this.video.answer(session.video);
      await this.video.tell();
      this.#describe();
      return this.local;
    });
  }

  reoffer(): Promise<SessionDescription> {
    return this.#run(async () => {
      const { kind } = this.#state;
      this.#state = { ...this.#state, direction: 'sendrecv' };
      this.#offering = true;
      if (kind !== 'rtp') {
        await this.#replaceEndpoint(undefined);
        await this.#offerVideo();
        await this.video.tell();
      }
      this.#describe();
      return this.local;
    });
  }

  setMuted(muted: boolean): Promise<void> {
    return this.#run(async () => {
      await this.inMixer.setMuted(muted);
      await this.video.setMuted(muted);
      if (!this.#lost) await this.#applyDirection();
    });
  }

  hold(slate: Slate | undefined): Promise<void> {
    return this.#run(async () => {
      await this.inMixer.setHeld(slate !== undefined);
      await this.video.hold(slate);
      if (!this.#lost) await this.#applyDirection();
    });
  }

  /** Begins in its turn, and keeps nobody waiting while it plays. */
  async play(samples: Int16Array): Promise<void> {
    const { ended } = await this.#run(() => this.inMixer.play(samples));
    await ended;
  }

  stopPlaying(): Promise<void> {
    return this.#run(() => this.inMixer.stopPlaying());
  }

  setLabel(label: string): Promise<void> {
    return this.onVideo((video) => video.setLabel(label));
  }

  setCamera(on: boolean): Promise<void> {
    return this.onVideo((video) => video.setCamera(on));
  }

  setSharing(on: boolean): Promise<void> {
    return this.onVideo((video) => video.setSharing(on));
  }

  requestKeyFrame(): Promise<void> {
    return this.onVideo((video) => video.requestKeyFrame());
  }

  dropVideo(): Promise<void> {
    return this.onVideo((video) => video.drop());
  }

  /** Changes the leg's video in its turn. */
  onVideo(change: (video: LegVideo) => Promise<void>): Promise<void> {
    return this.#run(() => change(this.video));
  }

  stats(): Promise<LegStats> {
    return this.#run(async () => {
      const { endpoint, streams } = this.#opened();
      const { codec } = this.#state;
      const known = { codec: codec.name, srtp: endpoint.srtpSuite, contributors: this.inMixer.contributors };
      return legStats(known, streams, await this.video.stats());
    });
  }

  /** The far end should be heard: it is connected, and not on hold. */
  get expectsMedia(): boolean {
    const { remote } = this.#state;
    return !this.#lost && !this.#offering && remote !== undefined && sends(remote);
  }

  heardMs(): Promise<number> {
    return this.#opened().endpoint.heardMs();
  }

  /** Fraction of our packets that the far end last reported as lost; undefined when it reported nothing. */
  async reportedLoss(): Promise<number | undefined> {
    const sent = await this.#opened().streams.sentStats();
    return sent === undefined ? undefined : sent.fractionLost / 256;
  }

  /** A stream whose transport is not known might be this leg's: it comes without our seeing it, and has such packets. */
  mayOwn(payloadType: number): boolean {
    if (this.closed || this.#lost || this.#offering) return false;
    if (this.video.unseenPayloadType === payloadType) return true;
    return this.#parts?.endpoint.seesStreams === false && payloadTypesOf(this.#state).includes(payloadType);
  }

  /** Tries whether the stream is this leg's. */
  tryStream({ ssrc, payloadType }: UnknownStream): Promise<boolean> {
    return this.#run(async () => {
      if (payloadType === this.video.unseenPayloadType) return this.video.tryStream(ssrc);
      const { streams } = this.#opened();
      const taken = await streams.tryReceive(learnedInbound(this.#state, ssrc));
      if (taken) await this.#tellMixer();
      return taken;
    });
  }

  /** On the conference's queue: makes in a new worker what went with the old one, if it did. */
  async restore(): Promise<void> {
    const parts = this.#parts;
    if (this.closed || this.#lost || parts === undefined) return;
    if (!parts.endpoint.transport.closed && !parts.streams.closed) return this.video.restore();
    if (parts.endpoint.move === undefined) {
      this.#lost = true;
      this.#context.reoffer(this.id);
      return;
    }
    const router = await this.#context.router(this.#state.profile);
    await parts.endpoint.move(router);
    await this.#replaceStreams(parts.endpoint, router, parts.streams.inbound);
    await this.video.restore();
  }

  protected release(): Promise<void> {
    return this.#context.run(async () => {
      const known = this.#parts !== undefined;
      await this.video.close('leg closed');
      await this.#releaseParts();
      if (known) await this.inMixer.remove();
    });
  }

  #run<T>(task: () => Promise<T>): Promise<T> {
    return this.#context.run(() => {
      if (this.closed) throw new ZonebridgeError('closed', `leg ${this.id} is closed`);
      return this.#withWorker(task);
    });
  }

  /** Restores the leg first when its worker is gone, and once more when the worker goes under the task. */
  async #withWorker<T>(task: () => Promise<T>): Promise<T> {
    await this.restore();
    try {
      return await task();
    } catch (error) {
      if (this.#lost || this.#parts?.endpoint.transport.closed !== true) throw error;
      await this.restore();
      return task();
    }
  }

  #opened(): LegParts {
    if (this.#parts === undefined) throw new ZonebridgeError('closed', `leg ${this.id} has no media`);
    return this.#parts;
  }

  /** Goes on over the same endpoint with what was negotiated anew. */
  async #adopt(next: LegState): Promise<void> {
    const before = this.#state;
    const { endpoint, streams } = this.#opened();
    const moved = next.profile.key !== before.profile.key;
    const inbound = inboundOf(next, streams.inbound, before.remote);
    await this.#become(next, async () => {
      if (moved || next.codec.payloadType !== before.codec.payloadType) {
        const router = await this.#context.router(next.profile);
        if (moved) await endpoint.move?.(router);
        await this.#replaceStreams(endpoint, router, inbound);
        return;
      }
      if (inbound !== undefined && !isSameInbound(inbound, streams.inbound)) await streams.receive(inbound);
      await this.#applyDirection();
      await this.#tellMixer();
    });
  }

  /** The next state, or the one before if it cannot be reached. */
  async #become(next: LegState, reach: () => Promise<void>): Promise<void> {
    const before = this.#state;
    this.#state = next;
    try {
      await reach();
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  /** A fresh endpoint, made before the old one goes so that a failure leaves the leg as it was. */
  async #replaceEndpoint(offer: TransportDescription | undefined): Promise<void> {
    const { kind, profile } = this.#state;
    const old = this.#parts;
    const router = await this.#context.router(profile);
    const endpoint = await createEndpoint(this.#context, kind, { router, stream: this.#stream, offer });
    try {
      await this.#replaceStreams(endpoint, router, offer === undefined ? undefined : inboundOf(this.#state));
    } catch (error) {
      await this.#parts?.streams.close('failed');
      this.#parts = old;
      await endpoint.close('failed');
      throw error;
    }
    this.#lost = false;
    await old?.endpoint.close('replaced');
  }

  async #offerVideo(): Promise<void> {
    const { endpoint } = this.#opened();
    if (endpoint instanceof IceEndpoint)
      await this.video.offerBrowser(await this.#context.router(this.#state.profile), endpoint);
    else await this.video.offerPhone();
  }

  async #replaceStreams(
    endpoint: LegEndpoint,
    router: ProfileRouter,
    inbound: Inbound | undefined,
  ): Promise<void> {
    // The mixer's stream keeps its SSRC, so the old way must be closed before the new one opens.
    await this.#parts?.streams.close('replaced');
    const { codec, mid } = this.#state;
    const { transport } = endpoint;
    const streams = await LegStreams.create({ router, transport, codec, identity: this.#identity, mid });
    this.#parts = { endpoint, streams };
    if (inbound !== undefined) await streams.receive(inbound);
    await this.#applyDirection();
    await this.#tellMixer();
  }

  async #applyDirection(): Promise<void> {
    const { streams } = this.#opened();
    const { remote } = this.#state;
    await streams.setSending(remote === undefined || receives(remote));
    await streams.setReceiving(this.inMixer.listens && (remote === undefined || sends(remote)));
  }

  #appeared(ssrc: number, payloadType: number): void {
    if (this.closed || !payloadTypesOf(this.#state).includes(payloadType)) return;
    this.#run(async () => {
      await this.#opened().streams.receive(learnedInbound(this.#state, ssrc));
      await this.#tellMixer();
    }).catch((error: unknown) => {
      this.#context.log.debug({ leg: this.id, error: errorText(error) }, 'a stream could not be taken');
    });
  }

  #tellMixer(): Promise<void> {
    return this.inMixer.tell(this.#state, this.#opened().streams);
  }

  #describe(): void {
    const { endpoint, streams } = this.#opened();
    this.#local = localDescription(endpoint.describe(), streams, this.#state, this.#offering);
  }

  async #releaseParts(): Promise<void> {
    const parts = this.#parts;
    this.#parts = undefined;
    await parts?.streams.close('leg closed');
    await parts?.endpoint.close('leg closed');
  }
}
