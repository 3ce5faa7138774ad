import type { Worker } from 'node:worker_threads';
import { Ipc, ZonebridgeError, type IpcMethods, type IpcPort } from '#kernel/index.ts';
import type { MixerStats } from './contract.ts';
import { toPlayRequest, type PlayMessage } from './playRequest.ts';
import { threadPort } from './threadPort.ts';
import type { VideoRequest } from './VideoState.ts';
import { mergeVideoStats, videoLoad, type VideoThreadStats } from './video/load.ts';
import type { UnitCosts } from './video/unitCosts.ts';

/** The host's own deadlines are shorter or as long: it is the one that gives up. */
const deadlineMs = 5000;
/** A thread loads its code and its libraries, on a machine that may be busy. */
const startDeadlineMs = 10_000;
const loadIntervalMs = 1000;

export interface StartVideo {
  /** One for each thread; 0 for any port. */
  readonly ports: readonly number[];
}

const audioMethods = [
  'start',
  'setLeg',
  'setLegs',
  'removeLeg',
  'setMuted',
  'setHeld',
  'stopPlaying',
  'setPacketLoss',
] as const;
const audioEvents = ['digit', 'promptEnd', 'contributors'] as const;
const videoEvents = ['stage', 'wanted'] as const;

/** What the audio thread and the video threads are asked by the zone host, and what they tell it and each other. */
export class MixerThreads {
  readonly #host: Ipc;
  readonly #audio: Ipc;
  readonly #video: Ipc[] = [];
  readonly #startThread: () => Worker;
  #units: UnitCosts | undefined;

  constructor(host: IpcPort, audio: Worker, startVideoThread: () => Worker) {
    this.#startThread = startVideoThread;
    this.#audio = new Ipc(threadPort(audio));
    const methods: IpcMethods = {
      startVideo: (options: StartVideo) => this.#startVideo(options),
      video: ({ thread, method, value }: VideoRequest) =>
        this.#videoThread(thread).request(method, value, deadlineMs),
      play: (message: PlayMessage) => this.#audio.request('play', toPlayRequest(message), deadlineMs),
      stats: () => this.#stats(),
      ping: () => this.#ping(),
    };
    for (const name of audioMethods) {
      methods[name] = (value: unknown) => this.#audio.request(name, value, deadlineMs);
    }
    this.#host = new Ipc(host, methods);
    this.#audio.onEvent('speaking', (value) => {
      this.#host.emit('speaking', value);
      this.#tellVideo('speaking', value);
    });
    for (const name of audioEvents) this.#audio.onEvent(name, (value) => this.#host.emit(name, value));
    this.#audio.onEvent('voiceDelays', (value) => this.#tellVideo('voiceDelays', value));
  }

  /** Starts the threads and answers their ports. */
  async #startVideo({ ports }: StartVideo): Promise<number[]> {
    const threads = ports.map(() => new Ipc(threadPort(this.#startThread())));
    for (const thread of threads) this.#listen(thread);
    this.#video.push(...threads);
    const bound = await Promise.all(
      threads.map((thread, index) =>
        thread.request<number>(
          'start',
          { rtpPort: ports[index] ?? 0, calibrate: index === 0 },
          startDeadlineMs,
        ),
      ),
    );
    if (threads.length > 0) setInterval(() => void this.#tellLoad(), loadIntervalMs).unref();
    return bound;
  }

  #listen(thread: Ipc): void {
    for (const name of videoEvents) thread.onEvent(name, (value) => this.#host.emit(name, value));
    thread.onEvent('units', (value) => {
      this.#units = value as UnitCosts;
    });
  }

  #tellVideo(name: string, value: unknown): void {
    for (const thread of this.#video) thread.emit(name, value);
  }

  #videoThread(index: number): Ipc {
    const thread = this.#video[index];
    if (thread === undefined)
      throw new ZonebridgeError('invalid-argument', `the mixer has no video thread ${index}`);
    return thread;
  }

  async #stats(): Promise<MixerStats> {
    const [audio, video] = await Promise.all([
      this.#audio.request<Omit<MixerStats, 'video'>>('stats', null, deadlineMs),
      this.#videoStats(),
    ]);
    return { ...audio, video: mergeVideoStats(video, this.#units) };
  }

  #videoStats(): Promise<VideoThreadStats[]> {
    return Promise.all(
      this.#video.map((thread) => thread.request<VideoThreadStats>('stats', null, deadlineMs)),
    );
  }

  /** All threads must answer: one that hangs is as good as dead. */
  async #ping(): Promise<null> {
    await Promise.all(
      [this.#audio, ...this.#video].map((thread) => thread.request('ping', null, deadlineMs)),
    );
    return null;
  }

  async #tellLoad(): Promise<void> {
    try {
      this.#host.emit('load', videoLoad(await this.#videoStats(), this.#units));
    } catch (error) {
      // A thread that does not answer ends by the host's ping; until then nothing is known of the load.
      if (!(error instanceof ZonebridgeError) || error.code !== 'timeout') throw error;
    }
  }
}
