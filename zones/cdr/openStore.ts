import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';
import type { ZoneConfig } from '../config/schema.ts';
import { PostgresStore } from './postgres/PostgresStore.ts';
import { postgresUrl } from './postgres/postgresUrl.ts';
import { databaseFile } from './sqlite/SqliteFile.ts';
import { SqliteStore } from './sqlite/SqliteStore.ts';
import type { RecordStore } from './store.ts';

/** The store that the zone's configuration names, to write to. Throws `unavailable` and `config-invalid`. */
export async function openStore(
  { postgres_url_file: urlFile }: ZoneConfig['records'],
  folder: string,
  zoneName: string,
): Promise<RecordStore> {
  if (urlFile === undefined) return SqliteStore.open(folder);
  const file = join(folder, databaseFile);
  // Nobody would purge what is in there.
  if (await isThere(file)) {
    throw new ZonebridgeError(
      'config-invalid',
      `${file} holds earlier records. Export them (zonebridge cdr export) and move the file away, or take records.postgres_url_file out`,
    );
  }
  return PostgresStore.open({ url: await postgresUrl(urlFile), writes: true, zoneName });
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
