import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { availableParallelism } from 'node:os';
import { Closable, errorText, Ipc, ZonebridgeError, type Log, type Stage } from '#kernel/index.ts';
import type {
  Mixer,
  MixerEvents,
  MixerLadder,
  MixerLeg,
  MixerPicture,
  MixerStats,
  MixerVideoLeg,
  Playback,
  VideoLoad,
} from './contract.ts';
import { Playbacks } from './Playbacks.ts';
import type { PlayMessage } from './playRequest.ts';
import { Sounds } from './Sounds.ts';
import { VideoState, type VideoRequest } from './VideoState.ts';

export interface MixerOptions {
  /** How many voices are heard at once in a conference. */
  readonly maxTalkers: number;
  /** 0..4; one for each core when absent. */
  readonly videoThreads?: number;
  readonly log: Log;
}

const mostVideoThreads = 4;

const deadlineMs = 3000;
const startDeadlineMs = 10_000;
/** A process that does not answer for so long hangs, and is replaced. */
const watchIntervalMs = 2000;
const hangDeadlineMs = 5000;
const exitDeadlineMs = 1000;
const respawn = { firstMs: 20, maxMs: 5000, stableMs: 10_000 };

interface Running {
  readonly child: ChildProcess;
  readonly ipc: Ipc;
}

/** The mixer as a child process: replaces it when it dies or hangs, on the same ports and with all legs and pictures. */
export class ChildMixer extends Closable implements Mixer {
  readonly #options: MixerOptions;
  readonly #log: Log;
  readonly #events = new EventEmitter<MixerEvents>();
  readonly #legs = new Map<string, MixerLeg>();
  readonly #loss = new Map<string, number>();
  /** Conferences in which somebody was said to speak. */
  readonly #speaking = new Set<string>();
  readonly #abort = new AbortController();
  readonly #watch: NodeJS.Timeout;
  readonly #video: VideoState;
  readonly #playbacks = new Playbacks();
  readonly #sounds = new Sounds();
  #rtpPort = 0;
  #videoPorts: readonly number[];
  #pid = 0;
  #running: Running | undefined;
  #starting: Promise<void> = Promise.resolve();
  #backOffMs = respawn.firstMs;

  /** Throws `unavailable` when the process does not start. */
  static async start(options: MixerOptions): Promise<ChildMixer> {
    await using stack = new AsyncDisposableStack();
    const mixer = stack.use(new ChildMixer(options));
    await mixer.#start();
    stack.move();
    return mixer;
  }

  private constructor(options: MixerOptions) {
    super();
    this.#options = options;
    this.#log = options.log;
    const threads = options.videoThreads ?? Math.min(mostVideoThreads, availableParallelism());
    this.#videoPorts = Array.from({ length: threads }, () => 0);
    this.#video = new VideoState(threads);
    this.#watch = setInterval(() => void this.#checkAnswers(), watchIntervalMs);
    this.#watch.unref();
  }

  get rtpPort(): number {
    return this.#rtpPort;
  }

  get videoPorts(): readonly number[] {
    return this.#videoPorts;
  }

  /** Of the process that runs, or of the last one that did. */
  get pid(): number {
    return this.#pid;
  }

  on<E extends keyof MixerEvents>(event: E, listener: (...values: MixerEvents[E]) => void): void {
    this.#events.on(event, listener as never);
  }

  async setLeg(leg: MixerLeg): Promise<void> {
    this.#legs.set(leg.id, leg);
    await this.#change('setLeg', leg);
  }

  async removeLeg(legId: string): Promise<void> {
    this.#legs.delete(legId);
    this.#loss.delete(legId);
    await this.#change('removeLeg', legId);
  }

  async setMuted(legId: string, muted: boolean): Promise<void> {
    this.#legs.set(legId, { ...this.#leg(legId), muted });
    await this.#change('setMuted', { id: legId, muted });
  }

  async setHeld(legId: string, held: boolean): Promise<void> {
    this.#legs.set(legId, { ...this.#leg(legId), held });
    await this.#change('setHeld', { id: legId, held });
  }

  async play(legId: string, samples: Int16Array): Promise<Playback> {
    this.#leg(legId);
    const { ipc } = await this.#available();
    const playback = this.#playbacks.begin();
    const sound = this.#sounds.message(samples);
    try {
      const message: PlayMessage = { id: legId, promptId: playback.id, ...sound };
      await ipc.request('play', message, deadlineMs);
    } catch (error) {
      this.#sounds.lost(sound);
      this.#playbacks.end(playback.id);
      // The process died, and the prompt with it: a new one would begin again what was half heard.
      if (!(error instanceof ZonebridgeError) || error.code !== 'unreachable') throw error;
    }
    return playback;
  }

  async stopPlaying(legId: string): Promise<void> {
    this.#leg(legId);
    await this.#change('stopPlaying', legId);
  }

  async setPacketLoss(legId: string, fraction: number): Promise<void> {
    this.#leg(legId);
    this.#loss.set(legId, fraction);
    await this.#change('setPacketLoss', { id: legId, fraction });
  }

  async setPicture(picture: MixerPicture): Promise<void> {
    await this.#changeVideo(this.#video.setPicture(picture));
  }

  async removePicture(conferenceId: string): Promise<void> {
    await this.#changeVideo(this.#video.removePicture(conferenceId));
  }

  async setVideoLeg(leg: MixerVideoLeg): Promise<void> {
    await this.#changeVideo(this.#video.setLeg(leg));
  }

  async removeVideoLeg(legId: string): Promise<void> {
    await this.#changeVideo(this.#video.removeLeg(legId));
  }

  async setLadder(ladder: MixerLadder): Promise<void> {
    await this.#changeVideo(this.#video.setLadder(ladder));
  }

  async removeLadder(ladderId: string): Promise<void> {
    await this.#changeVideo(this.#video.removeLadder(ladderId));
  }

  async setDemand(ladderId: string, rungs: readonly boolean[]): Promise<void> {
    await this.#changeVideo(this.#video.setDemand(ladderId, rungs));
  }

  async requestKeyFrame(legId: string): Promise<void> {
    await this.#changeVideo(this.#video.legRequest(legId, 'requestKeyFrame', legId));
  }

  async snapshot(conferenceId: string, view: string): Promise<Uint8Array> {
    const { ipc } = await this.#available();
    const request = this.#video.pictureRequest(conferenceId, 'snapshot', { conferenceId, view });
    return Buffer.from(await ipc.request<string>('video', request, deadlineMs), 'base64');
  }

  async stats(): Promise<MixerStats> {
    const { ipc } = await this.#available();
    return ipc.request<MixerStats>('stats', null, deadlineMs);
  }

  protected async release(): Promise<void> {
    this.#abort.abort();
    clearInterval(this.#watch);
    const child = this.#running?.child;
    this.#running = undefined;
    await this.#starting;
    this.#events.removeAllListeners();
    this.#playbacks.endAll();
    if (child !== undefined) await endChild(child);
  }

  #leg(legId: string): MixerLeg {
    const leg = this.#legs.get(legId);
    if (leg === undefined) throw new ZonebridgeError('not-found', `the mixer has no leg ${legId}`);
    return leg;
  }

  /** What is known of the legs is told to a new process as a whole, so a change may fail with the old one. */
  async #change(method: string, value: unknown): Promise<void> {
    if (this.closed) throw new ZonebridgeError('closed', 'the mixer is closed');
    const { ipc } = await this.#available();
    try {
      await ipc.request(method, value, deadlineMs);
    } catch (error) {
      if (!(error instanceof ZonebridgeError) || error.code !== 'unreachable') throw error;
      await this.#available();
    }
  }

  /** Undefined: nothing that the process knows of. */
  async #changeVideo(request: VideoRequest | undefined): Promise<void> {
    if (request !== undefined) await this.#change('video', request);
  }

  /** Throws `unreachable` when the process is away for too long. */
  async #available(): Promise<Running> {
    if (this.#running === undefined && !this.closed) {
      await Promise.race([this.#starting, sleep(deadlineMs, undefined, { ref: false })]);
    }
    if (this.#running === undefined) {
      throw new ZonebridgeError('unreachable', 'the mixer died and could not be started again yet');
    }
    return this.#running;
  }

  async #start(): Promise<void> {
    const child = fork(new URL('process.ts', import.meta.url), [this.#log.level], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    // Killing a process that never came to be is an event too, and would be thrown without a listener.
    child.on('error', (error) => this.#log.error({ error: errorText(error) }, 'mixer process'));
    const ipc = new Ipc(child);
    ipc.onEvent('speaking', (value) => this.#onSpeaking(value as SpeakingEvent));
    ipc.onEvent('digit', (value) => this.#onDigit(value as DigitEvent));
    ipc.onEvent('promptEnd', (value) => this.#playbacks.end(value as number));
    ipc.onEvent('contributors', (value) => this.#onContributors(value as readonly ContributorsEvent[]));
    ipc.onEvent('stage', (value) => this.#onStage(value as StageEvent));
    ipc.onEvent('wanted', (value) => this.#onWanted(value as WantedEvent));
    ipc.onEvent('load', (value) => this.#events.emit('load', value as VideoLoad));
    const startedMs = performance.now();
    try {
      const { maxTalkers } = this.#options;
      this.#rtpPort = await ipc.request<number>(
        'start',
        { rtpPort: this.#rtpPort, maxTalkers },
        startDeadlineMs,
      );
      await this.#restore(ipc);
      await this.#startVideo(ipc);
      if (this.closed) throw new ZonebridgeError('closed', 'closed while the mixer started');
    } catch (error) {
      await endChild(child);
      throw new ZonebridgeError('unavailable', 'the mixer process does not start', { cause: error });
    }
    child.once('disconnect', () => this.#died(child, performance.now() - startedMs));
    this.#pid = child.pid ?? 0;
    this.#running = { child, ipc };
    this.#log.info({ mixerPid: this.#pid }, 'mixer started');
    if (!child.connected) this.#died(child, 0);
  }

  async #restore(ipc: Ipc): Promise<void> {
    await ipc.request('setLegs', [...this.#legs.values()], deadlineMs);
    for (const [id, fraction] of this.#loss) await ipc.request('setPacketLoss', { id, fraction }, deadlineMs);
  }

  /** Voices are heard again before this. */
  async #startVideo(ipc: Ipc): Promise<void> {
    this.#videoPorts = await ipc.request<number[]>(
      'startVideo',
      { ports: this.#videoPorts },
      startDeadlineMs,
    );
    for (const request of this.#video.requests()) await ipc.request('video', request, deadlineMs);
  }

  #died(child: ChildProcess, livedMs: number): void {
    if (this.#running?.child !== child) return;
    this.#running = undefined;
    this.#playbacks.endAll();
    this.#sounds.clear();
    if (this.closed) return;
    this.#log.warn({ mixerPid: this.#pid, livedMs: Math.round(livedMs) }, 'the mixer died');
    if (livedMs > respawn.stableMs) this.#backOffMs = respawn.firstMs;
    this.#starting = this.#replace(child);
  }

  async #replace(dead: ChildProcess): Promise<void> {
    // Its port is free only when it is gone altogether.
    dead.kill('SIGKILL');
    await endChild(dead);
    while (!this.closed && !(await this.#startAgain()));
  }

  async #startAgain(): Promise<boolean> {
    await sleep(this.#backOffMs, undefined, { signal: this.#abort.signal }).catch(() => undefined);
    this.#backOffMs = Math.min(this.#backOffMs * 2, respawn.maxMs);
    if (this.closed) return false;
    // A new process knows of nobody who speaks, and tells only what changes, before its video runs.
    for (const conferenceId of this.#speaking) this.#onSpeaking({ conferenceId, legIds: [] });
    try {
      await this.#start();
    } catch (error) {
      this.#log.error({ error: errorText(error) }, 'the mixer could not be replaced');
      return false;
    }
    this.#events.emit('restarted');
    return true;
  }

  /** A thread that hangs is as good as dead. */
  async #checkAnswers(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    try {
      await running.ipc.request('ping', null, hangDeadlineMs);
    } catch (error) {
      if (this.#running !== running || this.closed) return;
      this.#log.error({ error: errorText(error) }, 'the mixer does not answer and is killed');
      running.child.kill('SIGKILL');
    }
  }

  #onSpeaking({ conferenceId, legIds }: SpeakingEvent): void {
    if (legIds.length > 0) this.#speaking.add(conferenceId);
    else this.#speaking.delete(conferenceId);
    this.#events.emit('speaking', conferenceId, legIds);
  }

  #onStage({ conferenceId, stage }: StageEvent): void {
    this.#events.emit('stage', conferenceId, stage);
  }

  #onWanted({ legId, source, height }: WantedEvent): void {
    this.#events.emit('wanted', legId, source, height);
  }

  #onContributors(counts: readonly ContributorsEvent[]): void {
    for (const { legId, count } of counts) this.#events.emit('contributors', legId, count);
  }

  #onDigit({ legId, digit, durationMs }: DigitEvent): void {
    this.#events.emit('digit', legId, digit, durationMs);
  }
}

interface SpeakingEvent {
  readonly conferenceId: string;
  readonly legIds: readonly string[];
}

interface DigitEvent {
  readonly legId: string;
  readonly digit: string;
  readonly durationMs: number;
}

interface ContributorsEvent {
  readonly legId: string;
  readonly count: number;
}

interface StageEvent {
  readonly conferenceId: string;
  readonly stage: Stage;
}

interface WantedEvent {
  readonly legId: string;
  readonly source: 'camera' | 'screen';
  readonly height: number;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), exitDeadlineMs);
  await gone;
  clearTimeout(timer);
}
