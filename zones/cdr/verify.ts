import { readdir, readFile } from 'node:fs/promises';
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { linkHash, noHash, sealedHash } from './chain.ts';
import { keyFile, keyNumbers } from './DayKeys.ts';
import { keysFolder, purgesFolder } from './folders.ts';
import { certificateText, keyHash, unfinishedPurges, type PurgeCertificate } from './purge.ts';
import { headText, isSignedBy, publicKeyOf } from './SigningKey.ts';
import type { RecordReader, StoredRecord } from './store.ts';

/** What a check of a zone's records found. */
export interface Verification {
  readonly records: number;
  readonly purged: number;
  readonly heads: number;
  readonly certificates: number;
  readonly faults: readonly string[];
}

type IsSigned = (text: string, signature: string) => Promise<boolean>;

const pageSize = 1000;

/** Follows the chain from its first record, and checks every signed head and purge certificate against it. Needs no key of the owner. */
export async function verifyFolder(folder: string, store: RecordReader): Promise<Verification> {
  let key: Promise<KeyObject> | undefined;
  // What came by delivery has no key and nothing signed.
  const isSigned: IsSigned = async (text, signature) =>
    isSignedBy(await (key ??= publicKeyOf(folder)), text, signature);
  const certificates = await readCertificates(folder);
  const unfinished = await unfinishedPurges(folder);
  const faults: string[] = unfinished.map(
    (day) =>
      `the purge of ${day} has not ended; the zone’s next start completes it, or cdr purge --day ${day}`,
  );
  const goneDays = new Set([...certificates.keys(), ...unfinished]);
  const hashes = new Map<number, string>([[0, noHash]]);
  const purgedOf = new Map<string, number>();
  for await (const record of everyRecord(store)) {
    faults.push(...recordFaults(record, hashes.get(record.sequence - 1), goneDays));
    hashes.set(record.sequence, record.hash);
    if (record.sealed.length === 0) purgedOf.set(record.day, (purgedOf.get(record.day) ?? 0) + 1);
  }
  const heads = await store.heads();
  for (const head of heads) {
    if (hashes.get(head.sequence) !== head.hash) {
      faults.push(
        `the head signed at ${head.signedAt} is not in the chain: record ${head.sequence} is missing or another`,
      );
    }
    if (!(await isSigned(headText(head), head.signature)))
      faults.push(`the head signed at ${head.signedAt} has a wrong signature`);
  }
  for (const certificate of certificates.values()) {
    faults.push(...(await certificateFaults(folder, certificate, isSigned)));
    const gone = purgedOf.get(certificate.day) ?? 0;
    if (gone !== certificate.records && !unfinished.includes(certificate.day)) {
      faults.push(
        `the purge certificate for ${certificate.day} is for ${certificate.records} records, but ${gone} are gone`,
      );
    }
  }
  const purged = [...purgedOf.values()].reduce((sum, gone) => sum + gone, 0);
  return { records: hashes.size - 1, purged, heads: heads.length, certificates: certificates.size, faults };
}

export async function* everyRecord(store: RecordReader): AsyncGenerator<StoredRecord> {
  for (let after = 0; ;) {
    const page = await store.after(after, pageSize);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.sequence;
  }
}

function recordFaults(
  record: StoredRecord,
  before: string | undefined,
  goneDays: ReadonlySet<string>,
): readonly string[] {
  const { sequence, day, sealed, previousHash, hash } = record;
  const faults: string[] = [];
  if (before === undefined) faults.push(`record ${sequence - 1} is missing`);
  else if (before !== previousHash) faults.push(`record ${sequence} does not follow the one before it`);
  if (linkHash(record) !== hash) faults.push(`record ${sequence} has been changed`);
  if (sealed.length === 0) {
    if (!goneDays.has(day)) faults.push(`record ${sequence} is gone without a purge certificate for ${day}`);
  } else if (sealedHash(sealed) !== record.sealedHash)
    faults.push(`the sealed text of record ${sequence} has been changed`);
  return faults;
}

async function certificateFaults(
  folder: string,
  certificate: PurgeCertificate,
  isSigned: IsSigned,
): Promise<readonly string[]> {
  const { day, keys, signature } = certificate;
  const faults: string[] = [];
  if (!(await isSigned(certificateText(certificate), signature))) {
    faults.push(`the purge certificate for ${day} has a wrong signature`);
  }
  for (const number of await keyNumbers(join(folder, keysFolder), day)) {
    if (keys.includes(await keyHash(join(folder, keysFolder), day, number)))
      faults.push(`${keyFile(day, number)} is still there, though ${day}.json says that it was destroyed`);
  }
  return faults;
}

async function readCertificates(folder: string): Promise<ReadonlyMap<string, PurgeCertificate>> {
  const certificates = new Map<string, PurgeCertificate>();
  const files = await readdir(join(folder, purgesFolder)).catch(() => []);
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const text = await readFile(join(folder, purgesFolder, file), 'utf8');
    const certificate = JSON.parse(text) as PurgeCertificate;
    certificates.set(certificate.day, certificate);
  }
  return certificates;
}
