import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keyDays, keyFile, keyNumbers, retentionFile } from './DayKeys.ts';
import { contentOf, filesIn, syncFolder, writeDurably } from './files.ts';
import { keysFolder, purgesFolder } from './folders.ts';
import type { SigningKey } from './SigningKey.ts';
import type { RecordStore } from './store.ts';

/** Says that the records of a day are gone, signed by the zone. */
export interface PurgeCertificate {
  readonly day: string;
  /** How many records were taken away. */
  readonly records: number;
  /** SHA-256 of the key files that were destroyed. */
  readonly keys: readonly string[];
  /** The end of the chain then. */
  readonly head: { readonly sequence: number; readonly hash: string };
  readonly purgedAt: string;
  /** Ed25519 over `certificateText`, base64. */
  readonly signature: string;
}

/** What a purge is about to destroy; on disk before it begins, so that one that was cut off can be completed. */
interface PurgeIntent extends Pick<PurgeCertificate, 'day' | 'records' | 'keys'> {
  /** Of the keys that are destroyed, when others of the day stay. */
  readonly only?: readonly number[];
}

const intentSuffix = '.purging';

/**
 * Destroys the keys of a day, or only these, and takes away what they opened; the certificate stays, and grows when more of the day is purged. A
 * process that dies in the middle leaves the intent, with which the next purge or start completes it.
 */
export async function purgeDay(
  folder: string,
  day: string,
  store: RecordStore,
  key: SigningKey,
  only?: readonly number[],
): Promise<PurgeCertificate> {
  const purges = join(folder, purgesFolder);
  await mkdir(purges, { recursive: true, mode: 0o700 });
  await resume(folder, day, store, key);
  const done = await readJson<PurgeCertificate>(join(purges, `${day}.json`));
  const intent = await intentOf(folder, day, store, done, only);
  if (done?.records === intent.records && done.keys.length === intent.keys.length) return done;
  await writeDurably(purges, `${day}${intentSuffix}`, JSON.stringify(intent));
  return complete(folder, intent, store, key);
}

/** Completes what processes that died have begun. */
export async function* resumePurges(
  folder: string,
  store: RecordStore,
  key: SigningKey,
): AsyncGenerator<PurgeCertificate> {
  for (const day of await unfinishedPurges(folder)) {
    const certificate = await resume(folder, day, store, key);
    if (certificate !== undefined) yield certificate;
  }
}

async function resume(
  folder: string,
  day: string,
  store: RecordStore,
  key: SigningKey,
): Promise<PurgeCertificate | undefined> {
  const begun = await readJson<PurgeIntent>(join(folder, purgesFolder, `${day}${intentSuffix}`));
  return begun === undefined ? undefined : complete(folder, begun, store, key);
}

async function complete(
  folder: string,
  { only, ...intent }: PurgeIntent,
  store: RecordStore,
  key: SigningKey,
): Promise<PurgeCertificate> {
  const { day } = intent;
  const purges = join(folder, purgesFolder);
  await destroyKeys(join(folder, keysFolder), day, only);
  await store.erase(day, only);
  const { sequence, hash } = await store.last();
  const unsigned = { ...intent, head: { sequence, hash }, purgedAt: new Date().toISOString() };
  const certificate = { ...unsigned, signature: key.sign(certificateText(unsigned)) };
  await writeDurably(purges, `${day}.json`, `${JSON.stringify(certificate, undefined, 2)}\n`);
  await rm(join(purges, `${day}${intentSuffix}`), { force: true });
  await syncFolder(purges);
  return certificate;
}

/** Days whose purge was begun and has not ended. */
export async function unfinishedPurges(folder: string): Promise<readonly string[]> {
  const files = await filesIn(join(folder, purgesFolder));
  return files
    .filter((file) => file.endsWith(intentSuffix))
    .map((file) => file.slice(0, -intentSuffix.length))
    .sort();
}

/** Days that have records or keys to purge. */
export async function daysBefore(
  folder: string,
  before: string,
  store: RecordStore,
): Promise<readonly string[]> {
  const days = new Set([...(await store.days()), ...(await keyDays(join(folder, keysFolder)))]);
  return [...days].filter((day) => day < before).sort();
}

/** With what an earlier purge of that day has taken. */
async function intentOf(
  folder: string,
  day: string,
  store: RecordStore,
  done: PurgeCertificate | undefined,
  only: readonly number[] | undefined,
): Promise<PurgeIntent> {
  const keys = [...(done?.keys ?? [])];
  for (const number of only ?? (await keyNumbers(join(folder, keysFolder), day))) {
    keys.push(await keyHash(join(folder, keysFolder), day, number));
  }
  const records = (done?.records ?? 0) + (await store.sealedOf(day, only));
  return { day, records, keys, ...(only === undefined ? {} : { only }) };
}

/** As a certificate names it. */
export async function keyHash(folder: string, day: string, number: number): Promise<string> {
  const file = await readFile(join(folder, keyFile(day, number)));
  return createHash('sha256').update(file).digest('hex');
}

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await contentOf(path);
  return text === undefined ? undefined : (JSON.parse(text.toString()) as T);
}

export function certificateText({
  day,
  records,
  keys,
  head,
  purgedAt,
}: Omit<PurgeCertificate, 'signature'>): string {
  return ['zonebridge purge', day, records, ...keys, head.sequence, head.hash, purgedAt].join('\n');
}

/** Overwritten before they are unlinked: a file system may keep what is only unlinked. */
async function destroyKeys(folder: string, day: string, only?: readonly number[]): Promise<void> {
  for (const number of await keyNumbers(folder, day)) {
    if (only?.includes(number) === false) continue;
    const path = join(folder, keyFile(day, number));
    const file = await open(path, 'r+');
    try {
      const { size } = await file.stat();
      await file.write(randomBytes(size), 0, size, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await rm(path, { force: true });
    await rm(join(folder, retentionFile(day, number)), { force: true });
  }
  await syncFolder(folder);
}
