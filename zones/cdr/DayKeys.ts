import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from 'age-encryption';
import { contentOf, filesIn, writeDurably, writeOnce } from './files.ts';

/** The public half of a day's key: what records of that day are sealed for. */
export interface DayKey {
  /** `2026-12-31`, UTC. */
  readonly day: string;
  /** From 1 on: after a restart a day gets another, since nobody here can read the one before. */
  readonly number: number;
  readonly recipient: string;
}

/**
 * Keys of days. Each is an age identity made here, sealed at once for the owner's recipients and forgotten: this process can write
 * records and never read them. Without its key file the records of a day are lost to everybody, which is how they are purged. What is purged
 * earlier than the rest of its day has a key of its own.
 */
export class DayKeys {
  readonly #folder: string;
  readonly #recipients: readonly string[];
  /** By their retention in days; of what has none of its own, undefined. */
  readonly #current = new Map<number | undefined, { readonly day: string; readonly key: Promise<DayKey> }>();
  #made: Promise<unknown> = Promise.resolve();

  static async create(folder: string, recipients: readonly string[]): Promise<DayKeys> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Of a process that died before it had named them; nothing is sealed for such a key.
    for (const file of await filesIn(folder)) {
      if (file.endsWith('.new')) await rm(join(folder, file));
    }
    return new DayKeys(folder, recipients);
  }

  private constructor(folder: string, recipients: readonly string[]) {
    this.#folder = folder;
    this.#recipients = recipients;
  }

  /**
   * Of that day; made, and on disk, when this is its first record. `retentionDays` of what is purged earlier than the zone's records. A
   * key that could not be made is tried again by the next record.
   */
  async keyOf(day: string, retentionDays?: number): Promise<DayKey> {
    const known = this.#current.get(retentionDays);
    const current = known?.day === day ? known : { day, key: this.#make(day, retentionDays) };
    this.#current.set(retentionDays, current);
    try {
      return await current.key;
    } catch (error) {
      if (this.#current.get(retentionDays) === current) this.#current.delete(retentionDays);
      throw error;
    }
  }

  /** One after the other, since each takes the next number. */
  #make(day: string, retentionDays: number | undefined): Promise<DayKey> {
    const made = this.#made.then(() => this.#makeNext(day, retentionDays));
    this.#made = made.catch(() => undefined);
    return made;
  }

  async #makeNext(day: string, retentionDays: number | undefined): Promise<DayKey> {
    const identity = await (this.#isHybrid ? generateHybridIdentity() : generateX25519Identity());
    const encrypter = new Encrypter();
    for (const recipient of this.#recipients) encrypter.addRecipient(recipient);
    const sealed = await encrypter.encrypt(`${identity}\n`);
    const number = Math.max(0, ...(await keyNumbers(this.#folder, day))) + 1;
    // Before the key: one that is there is never kept for longer than it may.
    if (retentionDays !== undefined)
      await writeDurably(this.#folder, retentionFile(day, number), `${retentionDays}\n`);
    await writeOnce(this.#folder, keyFile(day, number), sealed);
    return { day, number, recipient: await identityToRecipient(identity) };
  }

  /** As strong as the weakest key of the owner, and no stronger: a record is no safer than the key of its day. */
  get #isHybrid(): boolean {
    return this.#recipients.every((recipient) => recipient.startsWith('age1pq1'));
  }
}

export function keyFile(day: string, number: number): string {
  return `${day}.${number}.key.age`;
}

/** Says in its one line after how many days that key is to be destroyed; for a key without one, the zone's own rule holds. */
export function retentionFile(day: string, number: number): string {
  return `${day}.${number}.retention`;
}

/** Keys that have a retention of their own. Throws `unavailable`, as the next two do. */
export async function shortKeys(
  folder: string,
): Promise<readonly { readonly day: string; readonly number: number; readonly retentionDays: number }[]> {
  const keys = await allKeys(folder);
  const read = keys.map(async (key) => {
    const text = await contentOf(join(folder, retentionFile(key.day, key.number)));
    return text === undefined ? [] : [{ ...key, retentionDays: Number(text.toString()) }];
  });
  return (await Promise.all(read)).flat();
}

/** Numbers of the day's keys that are there, in order. */
export async function keyNumbers(folder: string, day: string): Promise<readonly number[]> {
  const keys = await allKeys(folder);
  return keys
    .filter((key) => key.day === day)
    .map(({ number }) => number)
    .sort((a, b) => a - b);
}

/** Days of which there is a key, in order. */
export async function keyDays(folder: string): Promise<readonly string[]> {
  return [...new Set((await allKeys(folder)).map(({ day }) => day))].sort();
}

async function allKeys(folder: string): Promise<readonly Omit<DayKey, 'recipient'>[]> {
  const files = await filesIn(folder);
  return files.flatMap((file) => {
    const [, day, number] = /^(\d{4}-\d{2}-\d{2})\.(\d+)\.key\.age$/.exec(file) ?? [];
    return day === undefined ? [] : [{ day, number: Number(number) }];
  });
}
