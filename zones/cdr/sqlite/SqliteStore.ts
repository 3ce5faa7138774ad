import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ZonebridgeError } from '#kernel/index.ts';
import type { Appended, ChainEnd, RecordStore, SignedHead, StoredRecord } from '../store.ts';
import type { SqliteFile } from './SqliteFile.ts';
import type { FileMethod, FileReply, FileRequest } from './thread.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Records in a SQLite file of the zone's data folder, in a thread of its own: a sync of the disk would hold up calls and media. */
export class SqliteStore implements RecordStore {
  readonly stream: string;
  readonly #link: ThreadLink;

  /** `folder` is there. Throws `unavailable`. */
  static async open(folder: string): Promise<SqliteStore> {
    const link = new ThreadLink(folder);
    try {
      return new SqliteStore(link, await link.ask('stream'));
    } catch (error) {
      await link.end();
      throw error;
    }
  }

  private constructor(link: ThreadLink, stream: string) {
    this.#link = link;
    this.stream = stream;
  }

  append(records: readonly Appended[]): Promise<void> {
    return this.#link.ask('append', records);
  }

  last(): Promise<ChainEnd> {
    return this.#link.ask('last');
  }

  after(sequence: number, limit: number): Promise<readonly StoredRecord[]> {
    return this.#link.ask('after', sequence, limit);
  }

  openLegs(): Promise<readonly string[]> {
    return this.#link.ask('openLegs');
  }

  days(): Promise<readonly string[]> {
    return this.#link.ask('days');
  }

  sealedOf(day: string, keys?: readonly number[]): Promise<number> {
    return this.#link.ask('sealedOf', day, keys);
  }

  erase(day: string, keys?: readonly number[]): Promise<void> {
    return this.#link.ask('erase', day, keys);
  }

  addHead(head: SignedHead): Promise<void> {
    return this.#link.ask('addHead', head);
  }

  heads(): Promise<readonly SignedHead[]> {
    return this.#link.ask('heads');
  }

  released(): Promise<number> {
    return this.#link.ask('released');
  }

  release(sequence: number): Promise<void> {
    return this.#link.ask('release', sequence);
  }

  async close(): Promise<void> {
    try {
      await this.#link.ask('close');
    } finally {
      await this.#link.end();
    }
  }
}

/** Requests to the thread and their replies. */
class ThreadLink {
  readonly #thread: Worker;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #failure: ZonebridgeError | undefined;

  constructor(folder: string) {
    this.#thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: folder });
    this.#exited = once(this.#thread, 'exit');
    this.#thread.on('message', (reply: FileReply) => this.#settle(reply));
    this.#thread.on('error', (cause) => this.#fail('failed', cause));
    this.#thread.on('exit', () => this.#fail('has ended'));
  }

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
