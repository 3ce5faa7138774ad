import { createWorker, type types } from 'mediasoup';
import { setTimeout as sleep } from 'node:timers/promises';
import { Closable, errorText, ZonebridgeError, type Log } from '#kernel/index.ts';
import { forgetWorkerLog, listenToWorkerLog, type UnknownStream } from './workerLog.ts';

export interface MediaWorkerOptions {
  readonly workerBin: string;
  readonly address: string;
  readonly announcedAddress: string | undefined;
  /** One UDP and TCP port for all browsers. */
  readonly webRtcPort: number;
  readonly log: Log;
  readonly onUnknownStream: (stream: UnknownStream) => void;
  /** A new process has taken the place of one that died; everything that was in the old one is gone. */
  readonly onReplaced: () => void;
}

/** What lives and dies with one worker process. */
export interface RunningWorker {
  readonly worker: types.Worker;
  readonly webRtcServer: types.WebRtcServer;
}

/** How long a caller waits for a worker that is being replaced. */
const availableDeadlineMs = 5000;
/** A worker that does not answer this long is dead in all but name. */
const answerDeadlineMs = 5000;
const watchIntervalMs = 5000;
const respawn = { firstMs: 50, maxMs: 5000, stableMs: 10_000 };

/** Keeps one mediasoup-worker process running: replaces it when it dies, kills it when it hangs. */
export class MediaWorker extends Closable {
  readonly #options: MediaWorkerOptions;
  readonly #log: Log;
  readonly #abort = new AbortController();
  #running: RunningWorker | undefined;
  #starting: Promise<void> = Promise.resolve();
  #watch: NodeJS.Timeout | undefined;
  #backOffMs = respawn.firstMs;

  static async create(options: MediaWorkerOptions): Promise<MediaWorker> {
    await using stack = new AsyncDisposableStack();
    const mediaWorker = stack.use(new MediaWorker(options));
    await mediaWorker.#start();
    stack.move();
    return mediaWorker;
  }

  private constructor(options: MediaWorkerOptions) {
    super();
    this.#options = options;
    this.#log = options.log;
    this.#watch = setInterval(() => void this.#check(), watchIntervalMs);
    this.#watch.unref();
  }

  /** Undefined while the process is being replaced. */
  get running(): RunningWorker | undefined {
    return this.#running;
  }

  /** The worker, after waiting for its replacement if need be. Throws `unreachable` when that takes too long. */
  async available(): Promise<RunningWorker> {
    if (this.#running === undefined) {
      await Promise.race([this.#starting, sleep(availableDeadlineMs, undefined, { ref: false })]);
    }
    if (this.#running === undefined) {
      throw new ZonebridgeError('unreachable', 'the media worker died and could not be started again yet');
    }
    return this.#running;
  }

  protected async release(): Promise<void> {
    this.#abort.abort();
    clearInterval(this.#watch);
    await this.#starting;
    const worker = this.#running?.worker;
    this.#running = undefined;
    if (worker === undefined) return;
    const gone = new Promise((resolve) => worker.once('subprocessclose', () => resolve(undefined)));
    worker.close();
    await gone;
    forgetWorkerLog(worker.pid);
  }

  async #start(): Promise<void> {
    const { workerBin, address, announcedAddress, webRtcPort, onUnknownStream } = this.#options;
    const worker = await createWorker({ workerBin, logLevel: 'warn', logTags: ['rtp'] }).catch(
      (error: unknown) => {
        throw new ZonebridgeError('unavailable', `the media worker ${workerBin} does not start`, {
          cause: error,
        });
      },
    );
    try {
      listenToWorkerLog(worker.pid, {
        unknownStream: onUnknownStream,
        line: (text) => this.#log.debug({ text }, 'media worker'),
      });
      const listen = {
        ip: address,
        port: webRtcPort,
        ...(announcedAddress === undefined ? {} : { announcedAddress }),
      };
      const webRtcServer = await worker.createWebRtcServer({
        listenInfos: [
          { protocol: 'udp', ...listen },
          { protocol: 'tcp', ...listen },
        ],
      });
      if (this.closed) throw new ZonebridgeError('closed', 'closed while the media worker started');
      const startedMs = performance.now();
      worker.once('died', () => this.#died(worker.pid, performance.now() - startedMs));
      this.#running = { worker, webRtcServer };
    } catch (error) {
      worker.close();
      forgetWorkerLog(worker.pid);
      if (error instanceof ZonebridgeError) throw error;
      const message = `browsers' media cannot listen on ${address} port ${webRtcPort}: check media.address and media.webrtc_port`;
      throw new ZonebridgeError('unavailable', message, { cause: error });
    }
    this.#log.info({ workerPid: worker.pid }, 'media worker started');
  }

  #died(pid: number, livedMs: number): void {
    forgetWorkerLog(pid);
    this.#running = undefined;
    if (this.closed) return;
    this.#log.warn({ workerPid: pid, livedMs: Math.round(livedMs) }, 'media worker died');
    if (livedMs > respawn.stableMs) this.#backOffMs = respawn.firstMs;
    this.#starting = this.#replace();
  }

  async #replace(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      try {
        await this.#start();
        this.#options.onReplaced();
        return;
      } catch (error) {
        if (!this.closed) this.#log.error({ error: errorText(error) }, 'media worker could not be replaced');
      }
      await sleep(this.#backOffMs, undefined, { signal: this.#abort.signal, ref: false }).catch(
        () => undefined,
      );
      this.#backOffMs = Math.min(this.#backOffMs * 2, respawn.maxMs);
    }
  }

  /** mediasoup's requests have no deadline of their own, so a stopped process would hang every call. */
  async #check(): Promise<void> {
    const worker = this.#running?.worker;
    if (worker === undefined) return;
    const answered = worker.getResourceUsage().then(
      () => true,
      () => true, // it died, which is told elsewhere
    );
    if (await Promise.race([answered, sleep(answerDeadlineMs, false, { ref: false })])) return;
    if (this.#running?.worker !== worker) return;
    this.#log.error({ workerPid: worker.pid }, 'media worker does not answer: killing it');
    process.kill(worker.pid, 'SIGKILL');
  }
}
