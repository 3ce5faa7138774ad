import { setTimeout as delay } from 'node:timers/promises';
import { SerialQueue } from '#kernel/index.ts';

export interface PinGateQueueOptions {
  /** Of one source, waiting or under way. */
  readonly perSource?: number;
  readonly total?: number;
}

/** A rest is not longer than this, however long the work before it took. */
const longestRestMs = 250;

/**
 * The zone's one place where codes are verified. Argon2id takes a processor for tens of milliseconds on purpose, so one runs at a time, after each is a
 * rest as long as it took (half a processor at most, whatever comes), and no source can put so many in that others wait long.
 */
export class PinGateQueue {
  readonly #queue = new SerialQueue();
  readonly #bySource = new Map<string, number>();
  readonly #perSource: number;
  readonly #total: number;

  constructor({ perSource = 3, total = 64 }: PinGateQueueOptions = {}) {
    this.#perSource = perSource;
    this.#total = total;
  }

  /** Undefined: too many wait already, of this source or of all; try again later. */
  run<T>(source: string, task: () => Promise<T>): Promise<T> | undefined {
    const waiting = this.#bySource.get(source) ?? 0;
    if (waiting >= this.#perSource || this.#queue.pending >= this.#total) return undefined;
    this.#bySource.set(source, waiting + 1);
    const result = Promise.withResolvers<T>();
    void this.#queue.run(() => this.#verify(source, task, result));
    return result.promise;
  }

  /** Settles the result at once and rests afterwards, so that only those behind it wait. */
  async #verify<T>(source: string, task: () => Promise<T>, result: PromiseWithResolvers<T>): Promise<void> {
    const beganMs = performance.now();
    await task().then(result.resolve, result.reject);
    this.#left(source);
    const tookMs = performance.now() - beganMs;
    if (this.#queue.pending > 1) await delay(Math.min(longestRestMs, tookMs));
  }

  #left(source: string): void {
    const waiting = (this.#bySource.get(source) ?? 1) - 1;
    if (waiting === 0) this.#bySource.delete(source);
    else this.#bySource.set(source, waiting);
  }
}
