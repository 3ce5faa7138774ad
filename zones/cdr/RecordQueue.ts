import { setTimeout as sleep } from 'node:timers/promises';
import { ZonebridgeError, errorText, type Log } from '#kernel/index.ts';
import type { Appended, RecordStore } from './store.ts';

interface RecordQueueOptions {
  readonly store: RecordStore;
  readonly log: Log;
  /** Before the first record of a day is appended. */
  readonly beginDay: () => Promise<void>;
  readonly appended: (count: number) => void;
}

interface Waiting {
  readonly appended: Promise<Appended>;
  readonly isPatient: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Sealed {
  readonly appended: Appended;
  readonly waiting: Waiting;
}

/** More in one transaction would hold up whoever waits. */
const mostAtOnce = 256;
/** A meeting of hundreds writes these in some hours; then the store has been away too long. */
const mostWaiting = 10_000;
const retryMs = 1_000;

/** Appends records to the store in the order in which they came; those that come close together share one transaction. */
export class RecordQueue {
  readonly #options: RecordQueueOptions;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #day: string | undefined;
  #failing = false;
  readonly #ending = new AbortController();

  constructor(options: RecordQueueOptions) {
    this.#options = options;
  }

  /**
   * Resolves when it is on disk. A patient one tells what has happened, and is tried again while the store fails; another is told at once.
   * Throws `unavailable`.
   */
  async add(appended: Promise<Appended>, isPatient: boolean): Promise<void> {
    // Told to who waits for it.
    appended.catch(() => undefined);
    if (this.#waiting.length >= mostWaiting)
      throw new ZonebridgeError('unavailable', 'too many call records wait for their store');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ appended, isPatient, resolve, reject });
    this.#writing ??= this.#writeAll();
    await promise;
  }

  /** Tries what is left once more. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = await sealedOnes(this.#waiting.splice(0, mostAtOnce));
      // A batch ends with its day: what is appended together is of one.
      const day = batch[0]?.appended.day;
      const next = batch.findIndex(({ appended }) => appended.day !== day);
      const together = next < 0 ? batch : batch.slice(0, next);
      this.#waiting.unshift(...batch.slice(together.length).map(({ waiting }) => waiting));
      if (day !== undefined) await this.#commit(day, together);
    }
    this.#writing = undefined;
  }

  async #commit(day: string, batch: readonly Sealed[]): Promise<void> {
    try {
      if (this.#day !== day) await this.#options.beginDay();
      await this.#options.store.append(batch.map(({ appended }) => appended));
    } catch (cause) {
      await this.#failed(batch, cause);
      return;
    }
    this.#day = day;
    if (this.#failing) this.#options.log.info('call records are written again');
    this.#failing = false;
    for (const { waiting } of batch) waiting.resolve();
    this.#options.appended(batch.length);
  }

  async #failed(batch: readonly Sealed[], cause: unknown): Promise<void> {
    const error = new ZonebridgeError('unavailable', 'a call record could not be written', { cause });
    const again: Waiting[] = [];
    for (const { waiting } of batch) {
      if (waiting.isPatient && !this.#ending.signal.aborted) again.push(waiting);
      else waiting.reject(error);
    }
    this.#waiting.unshift(...again);
    if (!this.#failing)
      this.#options.log.error({ error: errorText(cause) }, 'call records cannot be written; nobody comes in');
    this.#failing = true;
    await sleep(retryMs, undefined, { signal: this.#ending.signal, ref: false }).catch(() => undefined);
  }
}

/** Those that could be sealed; who waits for another is told. */
async function sealedOnes(batch: readonly Waiting[]): Promise<readonly Sealed[]> {
  const sealed: Sealed[] = [];
  for (const waiting of batch) {
    try {
      sealed.push({ appended: await waiting.appended, waiting });
    } catch (error) {
      waiting.reject(error);
    }
  }
  return sealed;
}
