import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chainFile, headsFile, sealedFile } from './ExportReader.ts';
import { keysFolder, purgesFolder } from './folders.ts';
import { withStore, type ZoneRecords } from './place.ts';
import { publicFile } from './SigningKey.ts';
import type { RecordStore } from './store.ts';
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
    await copyAll(join(folder, keysFolder), join(to, keysFolder), '.key.age');
    await copyAll(join(folder, purgesFolder), join(to, purgesFolder), '.json');
    await writeFile(join(to, headsFile), jsonLines(await store.heads()));
    const chain = await copyRecords(store, to);
    await writeFile(join(to, chainFile), jsonLines(chain));
    return chain.length;
  });
}

async function copyRecords(store: RecordStore, to: string): Promise<readonly object[]> {
  const chain: object[] = [];
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
  for (const file of await readdir(from).catch(() => [])) {
    if (file.endsWith(suffix)) await copyFile(join(from, file), join(to, file));
  }
}

function jsonLines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
