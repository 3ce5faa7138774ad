import { join } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';
import { keysFolder } from './folders.ts';
import { Opener } from './Opener.ts';
import { withRecords, withStore, type RecordsPlace, type ZoneRecords } from './place.ts';
import { daysBefore, purgeDay, type PurgeCertificate } from './purge.ts';
import type { CallRecord } from './schema.ts';
import { publicKeyFrom, SigningKey } from './SigningKey.ts';
import { everyRecord, verifyFolder, type Verification } from './verify.ts';

export type { PurgeCertificate, Verification };

/** `publicKey`: PEM of the zone's key, from outside of the place. Throws `invalid-argument` when it is none. */
export async function verifyRecords(
  place: RecordsPlace,
  { publicKey }: { readonly publicKey?: string } = {},
): Promise<Verification> {
  const key = publicKey === undefined ? undefined : publicKeyFrom(publicKey);
  return withRecords(place, (reader, folder) => verifyFolder(folder, reader, key));
}

export interface OpenOptions {
  /** The first day that is opened, and the last, such as `2026-12-31`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Told the day of each record that is left out because its key is gone without a purge of its text. */
  readonly lost?: (day: string) => void;
}

/** Records in their order, those of purged days left out. Throws `forbidden` when the identity is none of the owner's. */
export function openRecords(
  place: RecordsPlace,
  identity: string,
  { from, to, lost }: OpenOptions = {},
): Promise<readonly CallRecord[]> {
  return withRecords(place, async (reader, folder) => {
    const opener = new Opener(join(folder, keysFolder), identity);
    const records: CallRecord[] = [];
    for await (const record of everyRecord(reader)) {
      const { day, sealed } = record;
      if (sealed.length === 0 || day < (from ?? day) || day > (to ?? day)) continue;
      const opened = await opener.open(record);
      if (opened === undefined) lost?.(day);
      else records.push(opened);
    }
    return records;
  });
}

/** What a decision rested on. Throws `not-found`. */
export async function openDecision(
  place: RecordsPlace,
  identity: string,
  decisionId: string,
): Promise<unknown> {
  const records = await openRecords(place, identity);
  const found = records.find((record) => record.type === 'decision' && record.decision_id === decisionId);
  if (found === undefined) {
    throw new ZonebridgeError('not-found', `no decision ${decisionId} is kept here, or its day was purged`);
  }
  return found.request;
}

/** Destroys what opens the records of a day. Throws `invalid-argument` for a day that is still written. */
export async function purgeRecords(of: ZoneRecords, day: string): Promise<PurgeCertificate> {
  refuseToday(day, day < today());
  return withStore(of, async (store, folder) => purgeDay(folder, day, store, await SigningKey.open(folder)));
}

/** The same for every day before this one. Throws `invalid-argument` when today is one of them. */
export async function purgeRecordsBefore(of: ZoneRecords, day: string): Promise<readonly PurgeCertificate[]> {
  refuseToday(day, day <= today());
  return withStore(of, async (store, folder) => {
    const key = await SigningKey.open(folder);
    const certificates: PurgeCertificate[] = [];
    for (const each of await daysBefore(folder, day, store)) {
      certificates.push(await purgeDay(folder, each, store, key));
    }
    return certificates;
  });
}

function refuseToday(day: string, isPast: boolean): void {
  if (/^\d{4}-\d{2}-\d{2}$/.test(day) && isPast) return;
  throw new ZonebridgeError(
    'invalid-argument',
    `${day} is not a past day such as 2026-12-31; the records of today, ${today()}, are still being written`,
  );
}

/** UTC. */
function today(): string {
  return new Date().toISOString().slice(0, 10);
}
