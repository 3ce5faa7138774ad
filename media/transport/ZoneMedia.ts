import { Closable, errorText, ZonebridgeError, type Log } from '#kernel/index.ts';
import type { PictureOptions, ZoneMediaOptions } from '../contract.ts';
import { ChildMixer, type Mixer, type MixerStats, type VideoLoad } from '../mixer/index.ts';
import { ConferenceTransport } from './ConferenceTransport.ts';
import { LegWatch } from './LegWatch.ts';
import { PortRange } from './relay/portRange.ts';
import { RelayThread } from './relay/RelayThread.ts';
import { UnknownStreams } from './unknownStreams.ts';
import { MediaWorker } from './worker/MediaWorker.ts';

export interface ZoneMediaDeps {
  readonly log: Log;
  /** Path of the mediasoup-worker program. */
  readonly workerBin: string;
  /** Owned from now on, also when the creation fails; without one a mixer process is started. */
  readonly mixer?: Mixer;
}

/** Where the worker may bind on 127.0.0.1: what is larger, below or above the public ports. */
const workerRange = { min: 10_000, max: 59_999 };

/** A share of late frames at which no more video is taken, whatever was planned. */
const tooLate = 0.5;

const plainPicture: PictureOptions = { layout: 'auto', welcome: [] };

/** All media of a zone: one worker, one mixer, the ports, the conferences. */
export class ZoneMedia extends Closable {
  readonly #options: ZoneMediaOptions;
  readonly #log: Log;
  readonly #mixer: Mixer;
  readonly #relayThread: RelayThread;
  readonly #ports: PortRange;
  readonly #conferences = new Map<string, ConferenceTransport>();
  #worker: MediaWorker | undefined;
  #opened = 0;
  #load: VideoLoad | undefined;
  /** For calls that were let in since then. */
  #reservedPercent = 0;

  /** Throws `unavailable` when a process does not start or an address cannot be bound. */
  static async create(options: ZoneMediaOptions, deps: ZoneMediaDeps): Promise<ZoneMedia> {
    const { log, workerBin } = deps;
    await using stack = new AsyncDisposableStack();
    const mixer = stack.use(deps.mixer ?? (await ChildMixer.start({ maxTalkers: options.maxTalkers, log })));
    const relayThread = stack.use(RelayThread.create(options.address));
    const media = stack.use(new ZoneMedia(options, log, mixer, relayThread));
    await media.#startWorker(workerBin);
    stack.move();
    return media;
  }

  private constructor(options: ZoneMediaOptions, log: Log, mixer: Mixer, relayThread: RelayThread) {
    super();
    this.#options = options;
    this.#log = log;
    this.#ports = new PortRange(options.ports);
    this.#mixer = this.own(mixer);
    this.#relayThread = this.own(relayThread);
    mixer.on('speaking', (conferenceId, legIds) =>
      this.#conferences.get(conferenceId)?.emit('speaking', legIds),
    );
    mixer.on('digit', (legId, digit) => this.#conferenceOf(legId)?.emit('digit', legId, digit));
    mixer.on('contributors', (legId, count) => this.#conferenceOf(legId)?.countContributors(legId, count));
    mixer.on('stage', (conferenceId, stage) => this.#conferences.get(conferenceId)?.showStage(stage));
    mixer.on('wanted', (legId, source, height) => this.#conferenceOf(legId)?.want(legId, source, height));
    mixer.on('restarted', () => {
      for (const conference of this.#conferences.values()) conference.resumePictures();
    });
    mixer.on('load', (load) => {
      this.#load = load;
      this.#reservedPercent = 0;
    });
    this.own(new LegWatch(() => this.#conferences.values(), mixer, log));
  }

  /** False while the worker is being replaced. */
  get healthy(): boolean {
    return !this.closed && this.#worker?.running !== undefined;
  }

  /** For whoever shows or tests it. */
  get workerPid(): number | undefined {
    return this.#worker?.running?.worker.pid;
  }

  /** All that the mixer counts. */
  mixerStats(): Promise<MixerStats> {
    return this.#mixer.stats();
  }

  /**
   * Whether the mixer can carry one more video call within the zone's limit. A phone may get a view of its own, a browser
   * watches what all browsers share. True while it is not known yet what the mixer can do; a limit over 100 percent
   * takes lateness for no reason either.
   */
  videoFits(kind: 'browser' | 'phone'): boolean {
    return this.#added(kind) !== undefined;
  }

  /** As `videoFits`, for a call that is let in if it does: the next one must fit beside it. */
  reserveVideo(kind: 'browser' | 'phone'): boolean {
    const added = this.#added(kind);
    this.#reservedPercent += added ?? 0;
    return added !== undefined;
  }

  /** Each call makes a conference of its own; the caller owns it. */
  conference(id: string, picture: PictureOptions = plainPicture): ConferenceTransport {
    const worker = this.#worker;
    if (worker === undefined)
      throw new ZonebridgeError('internal', 'a conference is made before the worker has started');
    const { address, announcedAddress = address, audioCodecs, ports, video } = this.#options;
    this.#opened += 1;
    const mixerId = `${id}#${this.#opened}`;
    const conference = this.own(
      new ConferenceTransport({
        id,
        mixerId,
        mixer: this.#mixer,
        worker,
        audioCodecs,
        ...(video === undefined ? {} : { video }),
        picture,
        videoThread: this.#quietestThread(),
        public: { address, announcedAddress, ports: this.#ports },
        inside: { relayThread: this.#relayThread, workerPorts: workerPorts(ports) },
        log: this.#log.child({ conference: id }),
      }),
    );
    this.#conferences.set(mixerId, conference);
    void conference.whenClosed.then(() => this.#conferences.delete(mixerId));
    return conference;
  }

  protected release(reason: string): void {
    this.#log.debug({ reason }, 'media closed');
  }

  async #startWorker(workerBin: string): Promise<void> {
    const { address, announcedAddress, webRtcPort } = this.#options;
    const streams = new UnknownStreams(() =>
      [...this.#conferences.values()].flatMap(({ legs }) => [...legs.values()]),
    );
    this.#worker = this.own(
      await MediaWorker.create({
        workerBin,
        address,
        announcedAddress,
        webRtcPort,
        log: this.#log,
        onUnknownStream: (stream) => {
          streams.find(stream).catch((error: unknown) => {
            this.#log.debug({ error: errorText(error) }, 'a stream without owner');
          });
        },
        onReplaced: () => {
          for (const conference of this.#conferences.values()) conference.restore();
        },
      }),
    );
  }

  /** What one more video call costs; undefined when that is too much. */
  #added(kind: 'browser' | 'phone'): number | undefined {
    const { video } = this.#options;
    const load = this.#load;
    if (video === undefined || load === undefined || load.capacityPercent === 0) return 0;
    const { perCameraPercent, perViewPercent, plannedPercent, capacityPercent, lateFraction } = load;
    const added = perCameraPercent + (kind === 'phone' && video.encodeBudget > 0 ? perViewPercent : 0);
    const limit = (capacityPercent * video.maxLoadPercent) / 100;
    if (plannedPercent + this.#reservedPercent + added > limit) return undefined;
    return lateFraction < tooLate || video.maxLoadPercent > 100 ? added : undefined;
  }

  /** The video thread with the fewest conferences. */
  #quietestThread(): number {
    const counts = this.#mixer.videoPorts.map(
      (_port, thread) => [...this.#conferences.values()].filter((one) => one.videoThread === thread).length,
    );
    return Math.max(0, counts.indexOf(Math.min(...counts)));
  }

  #conferenceOf(legId: string): ConferenceTransport | undefined {
    for (const conference of this.#conferences.values()) if (conference.legs.has(legId)) return conference;
    return undefined;
  }
}

function workerPorts({ min, max }: ZoneMediaOptions['ports']): { min: number; max: number } {
  const below = { min: workerRange.min, max: Math.min(min - 1, workerRange.max) };
  const above = { min: Math.max(max + 1, workerRange.min), max: workerRange.max };
  return above.max - above.min >= below.max - below.min ? above : below;
}
