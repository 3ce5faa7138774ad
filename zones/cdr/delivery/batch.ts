import type { DeliveredRecord, DeliveryBatch, DeliverySource, SealedRecord } from './contract.ts';

/** As much as a receiver is asked to take at once, in bytes of sealed text; one record that is longer goes alone. */
const mostBytes = 256 * 1024;

/** What follows `after`, `limit` records at most; undefined when nothing does. */
export async function nextBatch(
  source: DeliverySource,
  after: number,
  limit: number,
): Promise<DeliveryBatch | undefined> {
  const records = fitting(await source.next(after, limit));
  if (records.length === 0) return undefined;
  const keys = await keysOf(source, records);
  const isThere = (of: SealedRecord): boolean =>
    keys.some(({ day, key }) => day === of.day && key === of.key);
  return {
    version: 1,
    stream: source.stream,
    keys,
    records: records.map((record, index) => {
      // Its day was purged just now: what nobody can open is not sent either.
      const sealed = isThere(record) ? record.sealed : new Uint8Array();
      return delivered({ ...record, sealed }, records[index - 1]?.sequence ?? after);
    }),
  };
}

function fitting(records: readonly SealedRecord[]): readonly SealedRecord[] {
  let bytes = 0;
  const end = records.findIndex(({ sealed }, index) => (bytes += sealed.length) > mostBytes && index > 0);
  return end < 0 ? records : records.slice(0, end);
}

function delivered({ sealed, ...record }: SealedRecord, before: number): DeliveredRecord {
  const { sequence, hash, previousHash, day, key, sealedHash } = record;
  return {
    ...{ sequence, previousHash, hash, day, key, sealedHash },
    sealed: Buffer.from(sealed).toString('base64'),
    missingBefore: sequence - before - 1,
  };
}

/** Each once. A key that was destroyed is not there, nor anything that it would open. */
async function keysOf(
  source: DeliverySource,
  records: readonly SealedRecord[],
): Promise<DeliveryBatch['keys']> {
  const wanted = new Map(records.map(({ day, key }) => [`${day}.${key}`, { day, key }]));
  const keys: DeliveryBatch['keys'][number][] = [];
  for (const { day, key } of wanted.values()) {
    const sealed = await source.sealedKey(day, key);
    if (sealed !== undefined) keys.push({ day, key, sealed: Buffer.from(sealed).toString('base64') });
  }
  return keys;
}
