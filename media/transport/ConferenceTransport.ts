import { EventEmitter } from 'node:events';
import {
  Closable,
  errorText,
  SerialQueue,
  ZonebridgeError,
  type AudioCodecName,
  type LayoutName,
  type Log,
  type SessionDescription,
  type Stage,
} from '#kernel/index.ts';
import type {
  ConferenceEvents,
  ConferenceMedia,
  LegOptions,
  PictureOptions,
  ZoneVideoOptions,
} from '../contract.ts';
import type { Mixer, MixerPicture } from '../mixer/contract.ts';
import type { EndpointContext } from './endpoint/createEndpoint.ts';
import { Leg } from './Leg.ts';
import type { LegContext } from './legState.ts';
import type { PayloadProfile } from './payloadProfile.ts';
import { ProfileRouter } from './ProfileRouter.ts';
import type { MediaWorker } from './worker/MediaWorker.ts';

export interface ConferenceTransportOptions extends EndpointContext {
  readonly id: string;
  /** Unique for the life of the mixer: a room that closes and opens again must not meet its own past. */
  readonly mixerId: string;
  readonly mixer: Mixer;
  readonly worker: MediaWorker;
  readonly audioCodecs: readonly AudioCodecName[];
  /** Absent: calls are audio only. */
  readonly video?: ZoneVideoOptions;
  readonly picture: PictureOptions;
  /** Index of the mixer's video thread that this conference stays on. */
  readonly videoThread: number;
  readonly log: Log;
}

/** The routers and legs of one conference. One queue orders everything that changes them. */
export class ConferenceTransport extends Closable implements ConferenceMedia {
  readonly id: string;
  readonly #options: ConferenceTransportOptions;
  readonly #queue = new SerialQueue();
  readonly #events = new EventEmitter<ConferenceEvents>();
  readonly #routers = new Map<string, ProfileRouter>();
  readonly #legs = new Map<string, Leg>();
  #picture: MixerPicture;
  #pictureTold = false;
  #stage: Stage | undefined;

  constructor(options: ConferenceTransportOptions) {
    super();
    this.id = options.id;
    this.#options = options;
    this.#picture = pictureOf(options);
  }

  get videoThread(): number {
    return this.#options.videoThread;
  }

  get legs(): ReadonlyMap<string, Leg> {
    return this.#legs;
  }

  answer(offer: SessionDescription, options: LegOptions): Promise<Leg> {
    return this.#addLeg(options, (context) => Leg.answer(context, offer, options));
  }

  offer(kind: 'browser' | 'phone', options: LegOptions): Promise<Leg> {
    return this.#addLeg(options, (context) => Leg.offer(context, kind, options));
  }

  setLayout(layout: LayoutName): Promise<void> {
    return this.#changePicture({ layout });
  }

  setSpotlight(legId: string | undefined): Promise<void> {
    return this.#changePicture({ spotlight: legId });
  }

  setPinned(legIds: readonly string[]): Promise<void> {
    return this.#changePicture({ pinned: legIds });
  }

  setNotice(text: string | undefined): Promise<void> {
    return this.#changePicture({ notice: text });
  }

  async snapshot(view: string): Promise<Uint8Array> {
    if (!this.#pictureTold) throw new ZonebridgeError('not-found', `conference ${this.id} has no picture`);
    return this.#options.mixer.snapshot(this.#picture.conferenceId, view);
  }

  /** The mixer shows something else. */
  showStage(stage: Stage): void {
    this.#stage = stage;
    this.emit('stage', stage);
    for (const leg of this.#legs.values())
      this.#inBackground(
        leg,
        leg.onVideo((video) => video.showStage(stage)),
      );
  }

  /** The mixer needs a leg's camera or screen in another size. */
  want(legId: string, source: 'camera' | 'screen', height: number): void {
    const leg = this.#legs.get(legId);
    if (leg !== undefined)
      this.#inBackground(
        leg,
        leg.onVideo((video) => video.want(source, height)),
      );
  }

  /** The mixer has looked who of this leg's far end takes part. */
  countContributors(legId: string, count: number): void {
    const leg = this.#legs.get(legId);
    if (leg !== undefined) leg.inMixer.contributors = count;
  }

  on<E extends keyof ConferenceEvents>(event: E, listener: (...values: ConferenceEvents[E]) => void): void {
    (this.#events as EventEmitter).on(event, listener as (...values: unknown[]) => void);
  }

  emit<E extends keyof ConferenceEvents>(event: E, ...values: ConferenceEvents[E]): void {
    if (!this.closed) (this.#events as EventEmitter).emit(event, ...values);
  }

  /** The mixer was replaced: its pictures go on under other sequence numbers. */
  resumePictures(): void {
    for (const leg of this.#legs.values())
      this.#inBackground(
        leg,
        leg.onVideo((video) => video.resume()),
      );
    this.#run(async () => {
      for (const router of this.#routers.values()) if (!router.closed) await router.resumePictures();
    }).catch((error: unknown) => {
      if (!this.closed) this.#options.log.warn({ error: errorText(error) }, 'pictures were not resumed');
    });
  }

  /** The worker was replaced: everything that was in it is made again. */
  restore(): void {
    this.#run(async () => {
      for (const router of this.#routers.values()) await router.close('worker died');
      for (const leg of this.#legs.values()) await this.#restoreLeg(leg);
    }).catch((error: unknown) => {
      if (!this.closed) this.#options.log.error({ error: errorText(error) }, 'a conference was not restored');
    });
  }

  protected async release(): Promise<void> {
    await this.#queue.close();
    for (const router of this.#routers.values()) await router.close('conference closed');
    if (this.#pictureTold) await this.#options.mixer.removePicture(this.#picture.conferenceId);
    this.#events.removeAllListeners();
  }

  async #restoreLeg(leg: Leg): Promise<void> {
    try {
      await leg.restore();
    } catch (error) {
      // Another death of the worker starts this again; any other failure leaves one leg silent, not the room.
      this.#options.log.warn({ leg: leg.id, error: errorText(error) }, 'a leg was not restored');
    }
  }

  #addLeg(options: LegOptions, create: (context: LegContext) => Promise<Leg>): Promise<Leg> {
    return this.#run(async () => {
      if (this.closed) throw new ZonebridgeError('closed', `conference ${this.id} is closed`);
      if (this.#legs.has(options.id))
        throw new ZonebridgeError('invalid-argument', `there is a leg ${options.id}`);
      await this.#tellPicture();
      // A leg is made and closed on the queue; one that comes too late is closed right here, in its own turn.
      let tooLate = false;
      const leg = await this.#created(create, (task) => (tooLate ? task() : this.#run(task)));
      tooLate = this.#isClosed();
      if (tooLate) {
        await leg.close('conference closed');
        throw new ZonebridgeError('closed', `conference ${this.id} was closed meanwhile`);
      }
      this.#legs.set(leg.id, leg);
      void leg.whenClosed.then(() => this.#legs.delete(leg.id));
      this.own(leg);
      await this.#announce(leg);
      const stage = this.#stage;
      if (stage !== undefined)
        this.#inBackground(
          leg,
          leg.onVideo((video) => video.showStage(stage)),
        );
      return leg;
    });
  }

  /** Once the leg can be found: what the mixer says of it comes at once, and only once. */
  async #announce(leg: Leg): Promise<void> {
    try {
      await leg.video.tell();
    } catch (error) {
      // Its end takes a turn of its own on the queue, which this turn must not wait for.
      leg.close('failed').catch((failure: unknown) => {
        this.#options.log.warn({ leg: leg.id, error: errorText(failure) }, 'a leg could not be closed');
      });
      throw error;
    }
  }

  /** As it is now: what was read before an `await` may have changed. */
  #isClosed(): boolean {
    return this.closed;
  }

  /** Once more when the worker died under it: a call need not fail for that. */
  async #created(create: (context: LegContext) => Promise<Leg>, run: LegContext['run']): Promise<Leg> {
    const { running } = this.#options.worker;
    try {
      return await create(this.#legContext(run));
    } catch (error) {
      if (this.#options.worker.running === running) throw error;
      return create(this.#legContext(run));
    }
  }

  #legContext(run: LegContext['run']): LegContext {
    const { mixerId, mixer, audioCodecs, video, log, inside } = this.#options;
    return {
      conferenceId: mixerId,
      mixer,
      audioCodecs,
      video,
      log,
      inside,
      public: this.#options.public,
      router: (profile) => this.#router(profile),
      run,
      reoffer: (legId) => this.emit('reoffer', legId),
      keyFrameWanted: (legId) => this.emit('keyFrameWanted', legId),
    };
  }

  async #router(profile: PayloadProfile): Promise<ProfileRouter> {
    const known = this.#routers.get(profile.key);
    if (known !== undefined && !known.closed && !known.router.closed) return known;
    const { worker, mixer, mixerId, video, videoThread, inside } = this.#options;
    const router = await ProfileRouter.create(await worker.available(), {
      profile,
      mixer,
      conferenceId: mixerId,
      videoPort: video === undefined ? undefined : mixer.videoPorts[videoThread],
      workerPorts: inside.workerPorts,
    });
    this.#routers.set(profile.key, router);
    return router;
  }

  #changePicture(change: PictureChange): Promise<void> {
    return this.#run(async () => {
      const { spotlight, notice, ...rest } = { ...this.#picture, ...change };
      this.#picture = {
        ...rest,
        ...(spotlight === undefined ? {} : { spotlight }),
        ...(notice === undefined ? {} : { notice }),
      };
      if (this.#pictureTold) await this.#options.mixer.setPicture(this.#picture);
    });
  }

  /** Before the first leg: until then nobody sees it. */
  async #tellPicture(): Promise<void> {
    if (this.#pictureTold || this.#options.video === undefined) return;
    await this.#options.mixer.setPicture(this.#picture);
    this.#pictureTold = true;
  }

  #inBackground(leg: Leg, done: Promise<void>): void {
    done.catch((error: unknown) => {
      // It closed meanwhile, or its worker died: both are told elsewhere.
      if (!leg.closed) this.#options.log.debug({ leg: leg.id, error: errorText(error) }, 'video not changed');
    });
  }

  async #run<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await this.#queue.run(task);
    } catch (error) {
      if (error instanceof ZonebridgeError) throw error;
      if (this.#options.worker.running === undefined) {
        throw new ZonebridgeError('unreachable', 'the media worker died meanwhile', { cause: error });
      }
      throw new ZonebridgeError('internal', 'the media worker refused a request', { cause: error });
    }
  }
}

interface PictureChange {
  readonly layout?: LayoutName;
  readonly spotlight?: string | undefined;
  readonly notice?: string | undefined;
  readonly pinned?: readonly string[];
}

function pictureOf({ mixerId, picture, videoThread, video }: ConferenceTransportOptions): MixerPicture {
  const { layout, welcome } = picture;
  const { frameRate = 30, maxBitrate = 0, encodeBudget = 0, banner } = video ?? {};
  return {
    conferenceId: mixerId,
    thread: videoThread,
    layout,
    pinned: [],
    welcome,
    frameRate,
    maxBitrate,
    encodeBudget,
    ...(banner === undefined ? {} : { banner }),
  };
}
