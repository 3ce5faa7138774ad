import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';
import { keysFolder, recordsFolder } from './folders.ts';
import { Opener } from './Opener.ts';
import { purgeDay, type PurgeCertificate } from './purge.ts';
import type { CallRecord } from './schema.ts';
import { SigningKey } from './SigningKey.ts';
import { SqliteStore } from './sqlite/SqliteStore.ts';
import type { RecordStore } from './store.ts';
import { everyRecord, verifyFolder, type Verification } from './verify.ts';

export type { PurgeCertificate, Verification };

/** What the owner does with the records of a zone, whose data folder this is; the zone may be running. */
export async function verifyRecords(zoneDataDir: string): Promise<Verification> {
  const folder = recordsFolder(zoneDataDir);
  return withStore(folder, (store) => verifyFolder(folder, store));
}

/** Records in their order, those of purged days left out. Throws `forbidden` when the identity is none of the owner's. */
export async function openRecords(zoneDataDir: string, identity: string): Promise<readonly CallRecord[]> {
  const folder = recordsFolder(zoneDataDir);
  const opener = new Opener(join(folder, keysFolder), identity);
  return withStore(folder, async (store) => {
    const records: CallRecord[] = [];
    for await (const record of everyRecord(store)) {
      if (record.sealed.length > 0) records.push(await opener.open(record));
    }
    return records;
  });
}

/** What a decision rested on. Throws `not-found`. */
export async function openDecision(
  zoneDataDir: string,
  identity: string,
  decisionId: string,
): Promise<unknown> {
  const records = await openRecords(zoneDataDir, identity);
  const found = records.find((record) => record.type === 'decision' && record.decision_id === decisionId);
  if (found === undefined) {
    throw new ZonebridgeError('not-found', `no decision ${decisionId} is kept here, or its day was purged`);
  }
  return found.request;
}

/** Destroys what opens the records of a day. Throws `invalid-argument` for a day that is still written. */
export async function purgeRecords(zoneDataDir: string, day: string): Promise<PurgeCertificate> {
  const today = new Date().toISOString().slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || day >= today) {
    throw new ZonebridgeError(
      'invalid-argument',
      `${day} is no past day as ${today}; today’s records are still being written`,
    );
  }
  const folder = recordsFolder(zoneDataDir);
  return withStore(folder, async (store) => purgeDay(folder, day, store, await SigningKey.open(folder)));
}

/**
 * Copies keys and sealed records to a folder, for the owner to open elsewhere, with the standard `age` too:
 * `age -d -i owner.txt keys/DAY.1.key.age > day.txt; age -d -i day.txt DAY/000001.1.age`. Gives the number of records.
 */
export async function exportRecords(zoneDataDir: string, to: string): Promise<number> {
  const folder = recordsFolder(zoneDataDir);
  return withStore(folder, async (store) => {
    const chain: string[] = [];
    await mkdir(join(to, keysFolder), { recursive: true, mode: 0o700 });
    for (const file of await readdir(join(folder, keysFolder))) {
      if (file.endsWith('.key.age'))
        await copyFile(join(folder, keysFolder, file), join(to, keysFolder, file));
    }
    for await (const { sealed, ...link } of everyRecord(store)) {
      chain.push(JSON.stringify(link));
      if (sealed.length === 0) continue;
      await mkdir(join(to, link.day), { recursive: true, mode: 0o700 });
      await writeFile(
        join(to, link.day, `${String(link.sequence).padStart(6, '0')}.${link.key}.age`),
        sealed,
      );
    }
    await writeFile(join(to, 'chain.jsonl'), `${chain.join('\n')}\n`);
    return chain.length;
  });
}

async function withStore<T>(folder: string, use: (store: RecordStore) => Promise<T>): Promise<T> {
  await readdir(folder).catch((cause: unknown) => {
    throw new ZonebridgeError(
      'not-found',
      `there are no call records in ${folder}; is --data the server’s data folder?`,
      { cause },
    );
  });
  const store = await SqliteStore.open(folder);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
