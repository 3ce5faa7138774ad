import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';
import { ExportReader } from './ExportReader.ts';
import { recordsFolder } from './folders.ts';
import { PostgresStore } from './postgres/PostgresStore.ts';
import { postgresUrl } from './postgres/postgresUrl.ts';
import { databaseFile } from './sqlite/SqliteFile.ts';
import { SqliteStore } from './sqlite/SqliteStore.ts';
import type { RecordReader, RecordStore } from './store.ts';

/** The data folder of a zone; where its sealed records are in a database instead of a file there, with the file of that address. */
export type ZoneRecords =
  | string
  | { readonly dataDir: string; /** As `records.postgres_url_file`. */ readonly postgresUrlFile: string };

/** Records of a zone, or a folder that `exportRecords` has written. */
export type RecordsPlace = ZoneRecords | { readonly exported: string };

/** `folder` has keys, purge certificates and the public key, of which `use` may read. Throws `not-found`. */
export async function withRecords<T>(
  place: RecordsPlace,
  use: (reader: RecordReader, folder: string) => Promise<T>,
): Promise<T> {
  if (typeof place === 'string' || !('exported' in place)) return withStore(place, use);
  return use(await ExportReader.open(place.exported), place.exported);
}

/** The zone may be running. Throws `not-found`. */
export async function withStore<T>(
  of: ZoneRecords,
  use: (store: RecordStore, folder: string) => Promise<T>,
): Promise<T> {
  const folder = recordsFolder(typeof of === 'string' ? of : of.dataDir);
  await exists(folder, `there are no call records in ${folder}; is --data the server’s data folder?`);
  const store = typeof of === 'string' ? await openFile(folder) : await openDatabase(of.postgresUrlFile);
  try {
    return await use(store, folder);
  } finally {
    await store.close();
  }
}

async function openFile(folder: string): Promise<RecordStore> {
  const missing = `there is no ${databaseFile} in ${folder}; if the zone keeps its records in PostgreSQL, name --postgres-url-file`;
  await exists(join(folder, databaseFile), missing);
  return SqliteStore.open(folder);
}

async function openDatabase(urlFile: string): Promise<RecordStore> {
  return PostgresStore.open({ url: await postgresUrl(urlFile), writes: false });
}

async function exists(path: string, otherwise: string): Promise<void> {
  await access(path).catch((cause: unknown) => {
    throw new ZonebridgeError('not-found', otherwise, { cause });
  });
}
