import { Closable, errorText, ZonebridgeError, type Log } from '#kernel/index.ts';
import type { ZoneMediaOptions } from '../contract.ts';
import { ChildMixer, type Mixer } from '../mixer/index.ts';
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

  /** Each call makes a conference of its own; the caller owns it. */
  conference(id: string): ConferenceTransport {
    const worker = this.#worker;
    if (worker === undefined)
      throw new ZonebridgeError('internal', 'a conference is made before the worker has started');
    const { address, announcedAddress = address, audioCodecs, ports } = this.#options;
    this.#opened += 1;
    const mixerId = `${id}#${this.#opened}`;
    const conference = this.own(
      new ConferenceTransport({
        id,
        mixerId,
        mixer: this.#mixer,
        worker,
        audioCodecs,
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
