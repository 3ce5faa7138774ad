import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { randomUUID } from 'node:crypto';
import { noHash, linkHash, sealedHash } from './chain.ts';
import type { SealedRecord } from './delivery/contract.ts';

/** A record that is to be appended: sealed already, and where it belongs in the table of open legs. */
export interface Appended {
  readonly day: string;
  readonly key: number;
  readonly sealed: Uint8Array;
  readonly opensLeg?: string;
  readonly closesLeg?: string;
}

/** The end of the chain as the zone has signed it. */
export interface SignedHead {
  readonly day: string;
  readonly sequence: number;
  readonly hash: string;
  readonly signedAt: string;
  readonly signature: string;
}

/** A row of the chain; `sealed` is empty after a purge, `sealedHash` stays. */
export interface StoredRecord extends SealedRecord {
  readonly sealedHash: string;
}

const databaseFile = 'records.sqlite';

const tables = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS records (
  sequence INTEGER PRIMARY KEY,
  day TEXT NOT NULL,
  key INTEGER NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  sealed_hash TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS records_by_day ON records (day);
CREATE TABLE IF NOT EXISTS open_legs (leg_id TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS heads (
  sequence INTEGER NOT NULL,
  day TEXT NOT NULL,
  hash TEXT NOT NULL,
  signed_at TEXT NOT NULL,
  signature TEXT NOT NULL
) STRICT;
`;

/**
 * The records of a zone in a SQLite file. What an append wrote is on disk when it returns, also after a power cut; what a purge took away is
 * overwritten.
 */
export class SqliteStore {
  readonly stream: string;
  readonly #database: DatabaseSync;
  #last: { readonly sequence: number; readonly hash: string };

  /** `folder` is there. */
  constructor(folder: string) {
    this.#database = new DatabaseSync(join(folder, databaseFile));
    this.#database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    this.#database.exec('PRAGMA secure_delete = ON;');
    this.#database.exec(tables);
    this.stream = this.#meta('stream', randomUUID());
    this.#last = this.#readLast();
  }

  get last(): { readonly sequence: number; readonly hash: string } {
    return this.#last;
  }

  /** All or none, durably. */
  append(records: readonly Appended[]): void {
    const insert = this.#database.prepare(
      'INSERT INTO records (sequence, day, key, previous_hash, hash, sealed_hash, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    const open = this.#database.prepare('INSERT OR IGNORE INTO open_legs (leg_id) VALUES (?)');
    const shut = this.#database.prepare('DELETE FROM open_legs WHERE leg_id = ?');
    let { sequence, hash } = this.#last;
    this.#transaction(() => {
      for (const { day, key, sealed, opensLeg, closesLeg } of records) {
        const previousHash = hash;
        sequence += 1;
        const digest = sealedHash(sealed);
        hash = linkHash({ sequence, day, key, previousHash, sealedHash: digest });
        insert.run(sequence, day, key, previousHash, hash, digest, sealed);
        if (opensLeg !== undefined) open.run(opensLeg);
        if (closesLeg !== undefined) shut.run(closesLeg);
      }
    });
    this.#last = { sequence, hash };
  }

  after(sequence: number, limit: number): readonly StoredRecord[] {
    const rows = this.#database
      .prepare('SELECT * FROM records WHERE sequence > ? ORDER BY sequence LIMIT ?')
      .all(sequence, limit);
    return rows.map(storedRecord);
  }

  /** Of legs that were open when the process before this one ended. */
  openLegs(): readonly string[] {
    return this.#database
      .prepare('SELECT leg_id FROM open_legs')
      .all()
      .map((row) => String(row.leg_id));
  }

  days(): readonly string[] {
    return this.#database
      .prepare('SELECT DISTINCT day FROM records WHERE length(sealed) > 0 ORDER BY day')
      .all()
      .map(({ day }) => String(day));
  }

  /** Takes the sealed text of a day's records away and leaves their hashes. Gives their number. */
  erase(day: string): number {
    const { changes } = this.#database
      .prepare("UPDATE records SET sealed = x'' WHERE day = ? AND length(sealed) > 0")
      .run(day);
    // Old pages lie in the log until it is emptied.
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);');
    return Number(changes);
  }

  addHead({ sequence, day, hash, signedAt, signature }: SignedHead): void {
    this.#database
      .prepare('INSERT INTO heads (sequence, day, hash, signed_at, signature) VALUES (?, ?, ?, ?, ?)')
      .run(sequence, day, hash, signedAt, signature);
  }

  heads(): readonly SignedHead[] {
    return this.#database
      .prepare('SELECT * FROM heads ORDER BY rowid')
      .all()
      .map((row) => ({
        sequence: Number(row.sequence),
        day: String(row.day),
        hash: String(row.hash),
        signedAt: String(row.signed_at),
        signature: String(row.signature),
      }));
  }

  get released(): number {
    return Number(this.#meta('released', '0'));
  }

  set released(sequence: number) {
    this.#database
      .prepare(
        "INSERT INTO meta (name, value) VALUES ('released', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      )
      .run(String(sequence));
  }

  close(): void {
    this.#database.close();
  }

  #readLast(): { sequence: number; hash: string } {
    const row = this.#database
      .prepare('SELECT sequence, hash FROM records ORDER BY sequence DESC LIMIT 1')
      .get();
    return row === undefined
      ? { sequence: 0, hash: noHash }
      : { sequence: Number(row.sequence), hash: String(row.hash) };
  }

  #meta(name: string, initial: string): string {
    this.#database.prepare('INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)').run(name, initial);
    return String(this.#database.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.value);
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function storedRecord(row: Record<string, unknown>): StoredRecord {
  return {
    sequence: Number(row.sequence),
    day: String(row.day),
    key: Number(row.key),
    previousHash: String(row.previous_hash),
    hash: String(row.hash),
    sealedHash: String(row.sealed_hash),
    sealed: row.sealed as Uint8Array,
  };
}
