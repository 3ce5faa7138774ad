import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chainFile, headsFile, sealedFile } from './ExportReader.ts';
import { filesIn } from './files.ts';
import { keysFolder, purgesFolder } from './folders.ts';
import { withStore, type ZoneRecords } from './place.ts';
import { publicFile } from './SigningKey.ts';
import type { RecordStore, StoredRecord } from './store.ts';
import { everyRecord } from './verify.ts';

const ownerOnly = { recursive: true, mode: 0o700 };

/**
 * Copies all that the owner needs to open and verify the records elsewhere: sealed records and keys, the chain with its signed heads, purge
 * certificates and the public key of the zone. The standard `age` opens it too:
 * `age -d -i owner.txt keys/DAY.1.key.age > day.txt; age -d -i day.txt DAY/000001.1.age`. Gives the number of records.
 */
export function exportRecords(from: ZoneRecords, to: string): Promise<number> {
  return withStore(from, async (store, folder) => {
    await mkdir(to, ownerOnly);
    await copyFile(join(folder, publicFile), join(to, publicFile));
    await copyAll(join(folder, purgesFolder), join(to, purgesFolder), '.json');
    const earlier = new Set((await store.heads()).map(({ signature }) => signature));
    const chain = await copyRecords(store, to);
    await writeFile(join(to, chainFile), jsonLines(chain));
    // Each day that has ended has its head by now; what was signed since of later records is of the next export.
    const last = chain.at(-1)?.sequence ?? 0;
    const heads = (await store.heads()).filter(
      ({ sequence, signature }) => sequence <= last || earlier.has(signature),
    );
    await writeFile(join(to, headsFile), jsonLines(heads));
    // Last, so that no record is without its key.
    await copyAll(join(folder, keysFolder), join(to, keysFolder), '.key.age');
    return chain.length;
  });
}

async function copyRecords(store: RecordStore, to: string): Promise<readonly Omit<StoredRecord, 'sealed'>[]> {
  const chain: Omit<StoredRecord, 'sealed'>[] = [];
  for await (const { sealed, ...link } of everyRecord(store)) {
    chain.push(link);
    if (sealed.length === 0) continue;
    const path = join(to, sealedFile(link));
    await mkdir(dirname(path), ownerOnly);
    await writeFile(path, sealed);
  }
  return chain;
}

async function copyAll(from: string, to: string, suffix: string): Promise<void> {
  await mkdir(to, ownerOnly);
  for (const file of await filesIn(from)) {
    if (file.endsWith(suffix)) await copyFile(join(from, file), join(to, file));
  }
}

function jsonLines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
