import { ZonebridgeError } from './errors.ts';

/** Runs tasks one after the other. A failed task rejects its own promise and does not stop the next one. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #pending = 0;
  #closed = false;

  /** How many tasks wait or run. */
  get pending(): number {
    return this.#pending;
  }

  /** Throws `closed` once the queue was closed. */
  run<T>(task: () => Promise<T> | T): Promise<T> {
    if (this.#closed) return Promise.reject(new ZonebridgeError('closed', 'the queue is closed'));
    this.#pending += 1;
    const result = this.#tail.then(task).finally(() => {
      this.#pending -= 1;
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Takes no more tasks; resolves when those already taken have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
  }
}
