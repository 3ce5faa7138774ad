import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keyFile, keyNumbers, syncFolder, writeDurably } from './DayKeys.ts';
import { keysFolder, purgesFolder } from './folders.ts';
import type { SigningKey } from './SigningKey.ts';
import type { SqliteStore } from './SqliteStore.ts';

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

/** Destroys the keys of a day and takes away what they opened; the certificate stays. */
export async function purgeDay(
  folder: string,
  day: string,
  store: SqliteStore,
  key: SigningKey,
): Promise<PurgeCertificate> {
  const keys = await destroyKeys(join(folder, keysFolder), day);
  const records = store.erase(day);
  const unsigned = { day, records, keys, head: store.last, purgedAt: new Date().toISOString() };
  const certificate = { ...unsigned, signature: key.sign(certificateText(unsigned)) };
  const certificates = join(folder, purgesFolder);
  await mkdir(certificates, { recursive: true, mode: 0o700 });
  await writeDurably(certificates, `${day}.json`, `${JSON.stringify(certificate, undefined, 2)}\n`);
  return certificate;
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
async function destroyKeys(folder: string, day: string): Promise<readonly string[]> {
  const hashes: string[] = [];
  for (const number of await keyNumbers(folder, day)) {
    const path = join(folder, keyFile(day, number));
    hashes.push(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    try {
      await file.write(randomBytes(size), 0, size, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await rm(path);
  }
  await syncFolder(folder);
  return hashes;
}
