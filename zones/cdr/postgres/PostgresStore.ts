import { randomUUID } from 'node:crypto';
import type { QueryResultRow } from 'pg';
import { ZonebridgeError } from '#kernel/index.ts';
import { chained, noHash, sealedHash } from '../chain.ts';
import type { Appended, ChainEnd, RecordStore, SignedHead, StoredRecord } from '../store.ts';
import { PostgresLink, type PostgresLinkOptions } from './PostgresLink.ts';

/** To go through a table takes as long as it is large. */
const eraseMs = 30 * 60_000;

const sealedText = 'day = $1 AND length(sealed) > 0 AND ($2::bigint[] IS NULL OR key = ANY ($2))';

/** One statement, hence one transaction and one way there and back. */
const insert = `
WITH opened AS (INSERT INTO open_legs SELECT unnest($8::text[]) ON CONFLICT DO NOTHING),
closed AS (DELETE FROM open_legs WHERE leg_id = ANY ($9::text[]))
INSERT INTO records (sequence, day, key, previous_hash, hash, sealed_hash, sealed)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bytea[])`;

/** Records in a PostgreSQL database of the zone's own, in its schema `zonebridge`. */
export class PostgresStore implements RecordStore {
  readonly stream: string;
  readonly #link: PostgresLink;
  /** Without a connection until something is erased. */
  readonly #eraser: PostgresLink;
  /** Of the chain, as this process has written it. */
  #end: ChainEnd | undefined;
  /** What was to be appended since that was known, in order: the chain tells up to which of them it is there. */
  #unsure: readonly StoredRecord[] = [];

  /** Makes the tables when it writes. Throws `unavailable`, and `not-found` when it only reads and nothing was written. */
  static async open(options: PostgresLinkOptions & { readonly zoneName?: string }): Promise<PostgresStore> {
    const link = new PostgresLink(options);
    try {
      const { zoneName } = options;
      if (zoneName !== undefined) await refuseOther(link, zoneName);
      return new PostgresStore(link, options.url, await meta(link, 'stream', randomUUID()));
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  private constructor(link: PostgresLink, url: string, stream: string) {
    this.#link = link;
    this.#eraser = new PostgresLink({ url, writes: false, statementMs: eraseMs });
    this.stream = stream;
  }

  /** What a failed call has written all the same is left out when it is given again. */
  async append(records: readonly Appended[]): Promise<void> {
    const end = this.#end ?? (await this.last());
    this.#end = undefined;
    const there = this.#unsure.slice(0, this.#unsure.findLastIndex(({ hash }) => hash === end.hash) + 1);
    const known = new Set(there.map((row) => row.sealedHash));
    const fresh = records.filter(({ sealed }) => !known.has(sealedHash(sealed)));
    const rows = chained(end, fresh);
    this.#unsure = [...there, ...rows];
    if (rows.length > 0) await this.#insert(end, rows, [...columnsOf(rows), ...legsOf(fresh)]);
    this.#unsure = [];
    this.#end = rows.at(-1) ?? end;
  }

  async #insert(end: ChainEnd, rows: readonly StoredRecord[], values: readonly unknown[]): Promise<void> {
    try {
      await this.#link.query(insert, values);
    } catch (error) {
      if (!(error instanceof ZonebridgeError)) throw error;
      // Whether it was committed when the connection broke is told by the chain.
      const { hash } = await this.last();
      if (hash === end.hash) await this.#link.query(insert, values);
      else if (hash !== rows.at(-1)?.hash) throw error;
    }
  }

  async last(): Promise<ChainEnd> {
    const [row] = await this.#link.query(
      'SELECT sequence, hash, day FROM records ORDER BY sequence DESC LIMIT 1',
    );
    return row === undefined
      ? { sequence: 0, hash: noHash }
      : { sequence: Number(row.sequence), hash: String(row.hash), day: String(row.day) };
  }

  async after(sequence: number, limit: number): Promise<readonly StoredRecord[]> {
    const rows = await this.#link.query(
      'SELECT * FROM records WHERE sequence > $1 ORDER BY sequence LIMIT $2',
      [sequence, limit],
    );
    return rows.map(storedRecord);
  }

  async openLegs(): Promise<readonly string[]> {
    const rows = await this.#link.query('SELECT leg_id FROM open_legs');
    return rows.map((row) => String(row.leg_id));
  }

  async days(): Promise<readonly string[]> {
    const rows = await this.#link.query(
      'SELECT DISTINCT day FROM records WHERE length(sealed) > 0 ORDER BY day',
    );
    return rows.map((row) => String(row.day));
  }

  async sealedOf(day: string, keys?: readonly number[]): Promise<number> {
    const [row] = await this.#link.query(`SELECT count(*) AS records FROM records WHERE ${sealedText}`, [
      day,
      keys,
    ]);
    return Number(row?.records);
  }

  /**
   * Over a connection of its own, and without a lock that an append would wait for. Old versions of rows are free to be written over; until then
   * what they have, as backups and the server's log have it, no key opens any more.
   */
  async erase(day: string, keys?: readonly number[]): Promise<void> {
    try {
      await this.#eraser.query(`UPDATE records SET sealed = '' WHERE ${sealedText}`, [day, keys]);
      await this.#eraser.query('VACUUM records');
    } finally {
      await this.#eraser.close();
    }
  }

  async addHead({ sequence, day, hash, signedAt, signature }: SignedHead): Promise<void> {
    await this.#link.query(
      'INSERT INTO heads (sequence, day, hash, signed_at, signature) VALUES ($1, $2, $3, $4, $5)',
      [sequence, day, hash, signedAt, signature],
    );
  }

  async heads(): Promise<readonly SignedHead[]> {
    const rows = await this.#link.query('SELECT * FROM heads ORDER BY signed_at, sequence');
    return rows.map((row) => ({
      sequence: Number(row.sequence),
      day: String(row.day),
      hash: String(row.hash),
      signedAt: String(row.signed_at),
      signature: String(row.signature),
    }));
  }

  async released(): Promise<number> {
    return Number(await meta(this.#link, 'released', '0'));
  }

  async release(sequence: number): Promise<void> {
    await this.#link.query(
      "INSERT INTO meta (name, value) VALUES ('released', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [String(sequence)],
    );
  }

  /** What is being erased then is not; the purge goes on after the next start. */
  async close(): Promise<void> {
    await Promise.all([this.#link.close(), this.#eraser.close()]);
  }
}

async function refuseOther(link: PostgresLink, zoneName: string): Promise<void> {
  const found = await meta(link, 'zone', zoneName);
  if (found === zoneName) return;
  throw new ZonebridgeError(
    'config-invalid',
    `this database holds the call records of the zone ${found}; each zone needs a database of its own`,
  );
}

async function meta(link: PostgresLink, name: string, initial: string): Promise<string> {
  await link.query('INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [name, initial]);
  const [row] = await link.query('SELECT value FROM meta WHERE name = $1', [name]);
  return String(row?.value);
}

function columnsOf(rows: readonly StoredRecord[]): readonly unknown[] {
  return [
    rows.map((row) => row.sequence),
    rows.map((row) => row.day),
    rows.map((row) => row.key),
    rows.map((row) => row.previousHash),
    rows.map((row) => row.hash),
    rows.map((row) => row.sealedHash),
    rows.map((row) => Buffer.from(row.sealed)),
  ];
}

/** The legs that are open afterwards, and those that are not. */
function legsOf(records: readonly Appended[]): readonly [readonly string[], readonly string[]] {
  const opened = new Set(records.flatMap(({ opensLeg }) => opensLeg ?? []));
  const closed = records.flatMap(({ closesLeg }) => closesLeg ?? []);
  for (const leg of closed) opened.delete(leg);
  return [[...opened], closed];
}

function storedRecord(row: QueryResultRow): StoredRecord {
  return {
    sequence: Number(row.sequence),
    day: String(row.day),
    key: Number(row.key),
    previousHash: String(row.previous_hash),
    hash: String(row.hash),
    sealedHash: String(row.sealed_hash),
    sealed: row.sealed as Buffer,
  };
}
