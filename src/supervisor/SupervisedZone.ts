import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Closable, ZonebridgeError, errorText } from '#kernel/index.ts';
import type { HandedConnection, ZoneHealth } from '#zones/index.ts';
import { backOffMs } from './backOff.ts';
import { ZoneProcess, type ZoneProcessOptions } from './ZoneProcess.ts';

/** A life this long shows that the zone works; the next death is a first one again. */
const healthyMs = 60_000;

export type ZoneState = ZoneHealth['state'] | 'down';

/** A zone that is kept alive: when its process ends, another one is started. Nothing of it touches other zones. */
export class SupervisedZone extends Closable {
  readonly name: string;
  readonly #options: ZoneProcessOptions;
  readonly #stopping = new AbortController();
  readonly #firstTry = Promise.withResolvers<Error | undefined>();
  readonly #running: Promise<void>;
  #process: ZoneProcess | undefined;
  #draining = false;

  /** Starts the zone's process at once. */
  constructor(options: ZoneProcessOptions) {
    super();
    this.name = options.start.config.name;
    this.#options = options;
    this.#running = this.#keepAlive();
  }

  /** Resolves when the zone takes calls, or with the error of its first start; it is tried again then. */
  get whenTried(): Promise<Error | undefined> {
    return this.#firstTry.promise;
  }

  get state(): ZoneState {
    return this.#process === undefined || this.#process.closed ? 'down' : this.#process.state;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** False when the zone is down; the socket is still the caller's then. */
  hand(socket: Socket, connection: HandedConnection): boolean {
    return this.#process?.hand(socket, connection) ?? false;
  }

  /** Takes no new call from now on, also after a restart of its process. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#process?.drain();
  }

  /** Ends its process at once, calls and all. */
  kill(): void {
    this.#process?.kill();
  }

  protected async release(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#firstTry.resolve(new ZonebridgeError('closed', 'stopped before it was started'));
  }

  async #keepAlive(): Promise<void> {
    for (let failures = 0; ;) {
      const startedAt = performance.now();
      await this.#liveOnce();
      failures = performance.now() - startedAt >= healthyMs ? 1 : failures + 1;
      const waitMs = backOffMs(failures);
      if (this.closed) return;
      this.#options.log.warn({ waitMs }, 'the zone is down and will be started again');
      await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  async #liveOnce(): Promise<void> {
    const { log } = this.#options;
    try {
      const process = await ZoneProcess.create(this.#options, this.#stopping.signal);
      this.#process = this.own(process);
      if (this.#draining) await process.drain();
      log.info('the zone is up');
      this.#firstTry.resolve(undefined);
      await process.whenClosed;
    } catch (error) {
      if (!this.closed) log.error({ error: errorText(error) }, 'the zone could not be started');
      this.#firstTry.resolve(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#process = undefined;
    }
  }
}
