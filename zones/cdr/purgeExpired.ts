import { join } from 'node:path';
import { shortKeys } from './DayKeys.ts';
import { keysFolder } from './folders.ts';
import { daysBefore, purgeDay, resumePurges, type PurgeCertificate } from './purge.ts';
import type { SigningKey } from './SigningKey.ts';
import type { RecordStore } from './store.ts';

const dayMs = 86_400_000;

/** Completes purges that were begun, and purges what has been kept for longer than it may. Days are UTC. */
export async function* purgeExpired(
  folder: string,
  store: RecordStore,
  key: SigningKey,
  retentionDays: number,
): AsyncGenerator<PurgeCertificate> {
  yield* resumePurges(folder, store, key);
  for (const day of await daysBefore(folder, oldestDay(retentionDays), store)) {
    yield await purgeDay(folder, day, store, key);
  }
  const expired = (await shortKeys(join(folder, keysFolder))).filter(
    ({ day, retentionDays: days }) => day < oldestDay(days),
  );
  for (const day of new Set(expired.map((each) => each.day))) {
    const numbers = expired.filter((each) => each.day === day).map(({ number }) => number);
    yield await purgeDay(folder, day, store, key, numbers);
  }
}

/** The first that is still kept. */
function oldestDay(retentionDays: number): string {
  return new Date(Date.now() - retentionDays * dayMs).toISOString().slice(0, 10);
}
