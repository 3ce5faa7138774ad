import { createHash } from 'node:crypto';
import type { SealedRecord } from './delivery/contract.ts';
import type { Appended, ChainEnd, StoredRecord } from './store.ts';

/** What the first record follows. */
export const noHash = '0'.repeat(64);

/**
 * The link of one record: SHA-256 over the hash before it, its sequence, its day and key, and the hash of its sealed text. Of a purged record
 * `sealedHash` is what is left, so that the chain can still be followed.
 */
export function linkHash(record: Omit<SealedRecord, 'hash' | 'sealed'>): string {
  const { previousHash, sequence, day, key, sealedHash } = record;
  return createHash('sha256').update([previousHash, sequence, day, key, sealedHash].join('\n')).digest('hex');
}

export function sealedHash(sealed: Uint8Array): string {
  return createHash('sha256').update(sealed).digest('hex');
}

/** The rows that follow the end of a chain. */
export function chained(end: ChainEnd, records: readonly Appended[]): readonly StoredRecord[] {
  let { sequence, hash } = end;
  return records.map(({ day, key, sealed }) => {
    const link = {
      sequence: (sequence += 1),
      previousHash: hash,
      day,
      key,
      sealedHash: sealedHash(sealed),
    };
    hash = linkHash(link);
    return { ...link, hash, sealed };
  });
}
