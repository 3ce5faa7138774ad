import { readFile } from 'node:fs/promises';
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { linkHash, noHash, sealedHash } from './chain.ts';
import { keyFile, keyNumbers } from './DayKeys.ts';
import { filesIn } from './files.ts';
import { keysFolder, purgesFolder } from './folders.ts';
import { certificateText, keyHash, unfinishedPurges, type PurgeCertificate } from './purge.ts';
import { headText, isSignedBy, publicKeyOf } from './SigningKey.ts';
import type { ChainEnd, ReadRecord, RecordReader, SignedHead, StoredRecord } from './store.ts';

/** What a check of a zone's records found. */
export interface Verification {
  readonly records: number;
  readonly purged: number;
  readonly heads: number;
  readonly certificates: number;
  /** It came by delivery, so nothing of it is signed. */
  readonly isDelivered: boolean;
  readonly faults: readonly string[];
}

type IsSigned = (text: string, signature: string) => Promise<boolean>;

const pageSize = 1000;

/**
 * Follows the chain from its first record, and checks every signed head and purge certificate against it. Needs no key of the owner.
 * `publicKey`: of the zone, from elsewhere; without it the one that lies beside the records.
 */
export async function verifyFolder(
  folder: string,
  store: RecordReader,
  publicKey?: KeyObject,
): Promise<Verification> {
  let key = publicKey === undefined ? undefined : Promise.resolve(publicKey);
  const isSigned: IsSigned = async (text, signature) =>
    isSignedBy(await (key ??= publicKeyOf(folder)), text, signature);
  const certificates = await readCertificates(folder);
  const unfinished = await unfinishedPurges(folder);
  const isDelivered = store.isDelivered === true;
  // The zone may be running: what is signed while the chain is read may be of what comes after.
  const earlier = await store.heads();
  const chain = await followChain(store, new Set([...certificates.keys(), ...unfinished]));
  const heads = await store.heads();
  const faults: string[] = unfinished.map(
    (day) =>
      `the purge of ${day} has not ended; the zone’s next start completes it, or cdr purge --day ${day}`,
  );
  if (isDelivered && publicKey !== undefined)
    faults.push('nothing here is signed: it came by delivery, or what the zone has signed was taken away');
  faults.push(...chain.faults, ...(await headFaults(earlier, chain.hashes, isSigned)));
  if (!isDelivered) faults.push(...(await dayFaults(chain, heads, isSigned)));
  for (const certificate of certificates.values()) {
    faults.push(...(await certificateFaults(folder, certificate, chain, isSigned)));
    const gone = chain.purgedOf.get(certificate.day) ?? 0;
    if (gone !== certificate.records && !unfinished.includes(certificate.day)) {
      faults.push(
        `the purge certificate for ${certificate.day} is for ${certificate.records} records, but ${gone} are gone`,
      );
    }
  }
  const purged = [...chain.purgedOf.values()].reduce((sum, gone) => sum + gone, 0);
  const counts = { records: chain.hashes.size - 1, purged, heads: earlier.length };
  return { ...counts, certificates: certificates.size, isDelivered, faults };
}

/** The chain from its first record to its last. */
interface Chain {
  /** By sequence. */
  readonly hashes: ReadonlyMap<number, string>;
  /** The last records of days, but for the newest day, which may go on. */
  readonly dayEnds: readonly { readonly day: string; readonly sequence: number }[];
  /** How many of a day have no sealed text any more. */
  readonly purgedOf: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
}

async function followChain(store: RecordReader, goneDays: ReadonlySet<string>): Promise<Chain> {
  const hashes = new Map<number, string>([[0, noHash]]);
  const purgedOf = new Map<string, number>();
  const dayEnds: { day: string; sequence: number }[] = [];
  const faults: string[] = [];
  let before: ChainEnd = { sequence: 0, hash: noHash };
  for await (const record of everyRecord(store)) {
    const { sequence, hash, day } = record;
    faults.push(...linkFaults(record, before), ...recordFaults(record, goneDays));
    if (before.day !== undefined && before.day !== day)
      dayEnds.push({ day: before.day, sequence: before.sequence });
    before = { sequence, hash, day };
    hashes.set(sequence, hash);
    if (record.sealed.length === 0) purgedOf.set(day, (purgedOf.get(day) ?? 0) + 1);
  }
  return { hashes, dayEnds, purgedOf, faults };
}

async function headFaults(
  heads: readonly SignedHead[],
  hashes: Chain['hashes'],
  isSigned: IsSigned,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const head of heads) {
    if (hashes.get(head.sequence) !== head.hash) {
      faults.push(
        `the head signed at ${head.signedAt} is not in the chain: record ${head.sequence} is missing or another`,
      );
    }
    if (!(await isSigned(headText(head), head.signature)))
      faults.push(`the head signed at ${head.signedAt} has a wrong signature`);
  }
  return faults;
}

/** Without a head at its end, records of a day could have been taken away and the chain made anew. */
async function dayFaults(
  { hashes, dayEnds }: Chain,
  heads: readonly SignedHead[],
  isSigned: IsSigned,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { day, sequence } of dayEnds) {
    const head = heads.find((each) => each.sequence === sequence && each.hash === hashes.get(sequence));
    if (head === undefined || !(await isSigned(headText(head), head.signature)))
      faults.push(`the end of ${day}, record ${sequence}, has no signed head`);
  }
  return faults;
}

export async function* everyRecord(store: RecordReader): AsyncGenerator<ReadRecord> {
  for (let after = 0; ;) {
    const page = await store.after(after, pageSize);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.sequence;
  }
}

function linkFaults(record: ReadRecord, before: ChainEnd): readonly string[] {
  const { sequence, previousHash, missingBefore } = record;
  const missing = sequence - before.sequence - 1;
  if (missing < 0) return [`record ${sequence} is there twice, or not in its place`];
  if (missing > 0) {
    const others = missing > 1 ? `, and ${missing - 1} before it` : '';
    const told = missingBefore === missing ? '; the zone itself had lost it' : '';
    return [`record ${sequence - 1} is missing${others}${told}`];
  }
  return before.hash === previousHash ? [] : [`record ${sequence} does not follow the one before it`];
}

function recordFaults(record: StoredRecord, goneDays: ReadonlySet<string>): readonly string[] {
  const { sequence, day, sealed, hash } = record;
  const faults: string[] = [];
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
  { hashes }: Chain,
  isSigned: IsSigned,
): Promise<readonly string[]> {
  const { day, keys, head, signature } = certificate;
  const faults: string[] = [];
  if (hashes.get(head.sequence) !== head.hash) {
    faults.push(
      `the end of the chain in the purge certificate for ${day} is not in it: record ${head.sequence} is missing or another`,
    );
  }
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
  const files = await filesIn(join(folder, purgesFolder));
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const text = await readFile(join(folder, purgesFolder, file), 'utf8');
    const certificate = JSON.parse(text) as PurgeCertificate;
    certificates.set(certificate.day, certificate);
  }
  return certificates;
}
