import { Worker } from 'node:worker_threads';
import { ZonebridgeError } from '#kernel/index.ts';
import type { SqliteFile } from './SqliteFile.ts';
import type { FileMethod, FileReply, FileRequest } from './thread.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests to one thread and their replies, until it ends. */
export class FileThread {
  readonly #thread: Worker;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #failure: ZonebridgeError | undefined;

  constructor(folder: string) {
    this.#thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: folder });
    this.#exited = new Promise((resolve) => this.#thread.once('exit', () => resolve()));
    this.#thread.on('message', (reply: FileReply) => this.#settle(reply));
    this.#thread.on('error', (cause) => this.#fail('failed', cause));
    this.#thread.on('exit', () => this.#fail('has ended'));
  }

  /** It answers nothing any more. */
  get isOver(): boolean {
    return this.#failure !== undefined;
  }

  /** Throws `unavailable`. */
  async ask<M extends FileMethod>(
    method: M,
    ...parameters: Parameters<SqliteFile[M]>
  ): Promise<ReturnType<SqliteFile[M]>> {
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#requests += 1;
    this.#waiting.set(this.#requests, { resolve, reject });
    this.#thread.postMessage({ id: this.#requests, method, parameters } satisfies FileRequest);
    return (await promise) as ReturnType<SqliteFile[M]>;
  }

  async end(): Promise<void> {
    await this.#thread.terminate();
    await this.#exited;
  }

  #settle(reply: FileReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('failure' in reply)
      waiting?.reject(new ZonebridgeError('unavailable', `records.sqlite: ${reply.failure}`));
    else waiting?.resolve(reply.value);
  }

  #fail(what: string, cause?: unknown): void {
    this.#failure ??= new ZonebridgeError('unavailable', `the thread of records.sqlite ${what}`, { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
