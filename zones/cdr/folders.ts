import { join } from 'node:path';

/** Where a zone keeps its records, below its data folder. */
export function recordsFolder(zoneDataDir: string): string {
  return join(zoneDataDir, 'records');
}

/** Below that. */
export const keysFolder = 'keys';
export const purgesFolder = 'purges';
