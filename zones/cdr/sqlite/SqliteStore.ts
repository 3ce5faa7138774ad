import type { Appended, ChainEnd, RecordStore, SignedHead, StoredRecord } from '../store.ts';
import { FileThread } from './FileThread.ts';
import type { SqliteFile } from './SqliteFile.ts';
import type { FileMethod } from './thread.ts';

/** Records in a SQLite file of the zone's data folder, in a thread of its own: a sync of the disk would hold up calls and media. */
export class SqliteStore implements RecordStore {
  readonly stream: string;
  readonly #link: FileLink;

  /** `folder` is there. Throws `unavailable`. */
  static async open(folder: string): Promise<SqliteStore> {
    const link = new FileLink(folder);
    try {
      return new SqliteStore(link, await link.ask('stream'));
    } catch (error) {
      await link.end();
      throw error;
    }
  }

  private constructor(link: FileLink, stream: string) {
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

/** To a thread, and to another one when that has died: the file is whole, so records are written again. */
class FileLink {
  readonly #folder: string;
  #thread: FileThread;
  #isEnded = false;

  constructor(folder: string) {
    this.#folder = folder;
    this.#thread = new FileThread(folder);
  }

  ask<M extends FileMethod>(
    method: M,
    ...parameters: Parameters<SqliteFile[M]>
  ): Promise<ReturnType<SqliteFile[M]>> {
    if (this.#thread.isOver && !this.#isEnded) this.#thread = new FileThread(this.#folder);
    return this.#thread.ask(method, ...parameters);
  }

  end(): Promise<void> {
    this.#isEnded = true;
    return this.#thread.end();
  }
}
