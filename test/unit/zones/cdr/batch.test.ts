import { expect, test } from 'vitest';
import { nextBatch } from '#zones/cdr/delivery/batch.ts';
import type { DeliverySource, SealedRecord } from '#zones/cdr/delivery/contract.ts';

function record(sequence: number, day: string): SealedRecord {
  const hash = String(sequence).repeat(64).slice(0, 64);
  const sealed = Buffer.from(`sealed ${sequence}`);
  return { sequence, day, key: 1, hash, previousHash: hash, sealedHash: hash, sealed };
}

test('records whose key is destroyed while they are fetched are sent without what nobody can open', async () => {
  const records = [record(1, '2026-11-25'), record(2, '2026-11-26')];
  const source: Pick<DeliverySource, 'stream' | 'next' | 'sealedKey'> = {
    stream: 'stream',
    next: () => Promise.resolve(records),
    // The purge of the day came in between.
    sealedKey: (day) => Promise.resolve(day === '2026-11-25' ? undefined : Buffer.from('key')),
  };
  const batch = await nextBatch(source as DeliverySource, 0, 200);
  expect(batch?.keys.map(({ day }) => day)).toEqual(['2026-11-26']);
  expect(batch?.records.map(({ sealed }) => Buffer.from(sealed, 'base64').toString())).toEqual([
    '',
    'sealed 2',
  ]);
});
