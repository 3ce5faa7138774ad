import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { randomUUID } from 'node:crypto';
import { chained, noHash, sealedHash } from '../chain.ts';
import type { Appended, ChainEnd, SignedHead, StoredRecord } from '../store.ts';
import { tableStatements } from '../tables.ts';

export const databaseFile = 'records.sqlite';

const sealedText =
  'day = :day AND length(sealed) > 0 AND (:keys IS NULL OR key IN (SELECT value FROM json_each(:keys)))';

/** Of the log of pages; when so many are in it they are copied into the file in idle time, and when it is this much longer at once. */
const checkpointPages = 1000;
const mostLogPages = 16_000;
/** At least as many as one append has. */
const mostUntold = 256;

/**
 * The records of a zone in a SQLite file. What an append wrote is on disk when it returns, also after a power cut; what a purge took away is
 * overwritten. Its methods block: it lives in a thread of its own (`thread.ts`).
 */
export class SqliteFile {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #open: StatementSync;
  readonly #shut: StatementSync;
  #logPages = 0;
  #isFirst = true;

  /** `folder` is there. */
  constructor(folder: string) {
    this.#database = new DatabaseSync(join(folder, databaseFile));
    this.#database.exec('PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    // A checkpoint syncs two files; within a commit it would hold up whoever waits for that.
    this.#database.exec('PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 0;');
    this.#database.exec(tableStatements('sqlite'));
    this.#insert = this.#database.prepare(
      'INSERT INTO records (sequence, day, key, previous_hash, hash, sealed_hash, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#open = this.#database.prepare('INSERT OR IGNORE INTO open_legs (leg_id) VALUES (?)');
    this.#shut = this.#database.prepare('DELETE FROM open_legs WHERE leg_id = ?');
  }

  stream(): string {
    return this.#meta('stream', randomUUID());
  }

  append(records: readonly Appended[]): void {
    this.#transaction(() => {
      for (const row of chained(this.last(), this.#unknown(records))) {
        const { sequence, day, key, previousHash, hash, sealedHash, sealed } = row;
        this.#insert.run(sequence, day, key, previousHash, hash, sealedHash, sealed);
      }
      for (const { opensLeg, closesLeg } of records) {
        if (opensLeg !== undefined) this.#open.run(opensLeg);
        if (closesLeg !== undefined) this.#shut.run(closesLeg);
      }
    });
    this.#isFirst = false;
    // About: a row with its index, and the page of open legs.
    this.#logPages += records.length + 3;
    if (this.#logPages > mostLogPages) this.#checkpoint();
  }

  /** A thread that has died may have written what it could not tell any more, and that is asked for again. */
  #unknown(records: readonly Appended[]): readonly Appended[] {
    if (!this.#isFirst) return records;
    const latest = this.#database
      .prepare('SELECT sealed_hash FROM records ORDER BY sequence DESC LIMIT ?')
      .all(mostUntold);
    const known = new Set(latest.map((row) => String(row.sealed_hash)));
    return records.filter(({ sealed }) => !known.has(sealedHash(sealed)));
  }

  /** To be called when nobody waits. Never throws. */
  tidy(): void {
    if (this.#logPages > checkpointPages) this.#checkpoint();
  }

  last(): ChainEnd {
    const row = this.#database
      .prepare('SELECT sequence, hash, day FROM records ORDER BY sequence DESC LIMIT 1')
      .get();
    return row === undefined
      ? { sequence: 0, hash: noHash }
      : { sequence: Number(row.sequence), hash: String(row.hash), day: String(row.day) };
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

  sealedOf(day: string, keys?: readonly number[]): number {
    const row = this.#database
      .prepare(`SELECT count(*) AS records FROM records WHERE ${sealedText}`)
      .get({ day, keys: keys === undefined ? null : JSON.stringify(keys) });
    return Number(row?.records);
  }

  erase(day: string, keys?: readonly number[]): void {
    this.#database
      .prepare(`UPDATE records SET sealed = x'' WHERE ${sealedText}`)
      .run({ day, keys: keys === undefined ? null : JSON.stringify(keys) });
    // Old pages lie in the log until it is emptied.
    this.#emptyLog();
    this.#database.exec('VACUUM');
    this.#emptyLog();
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

  released(): number {
    return Number(this.#meta('released', '0'));
  }

  release(sequence: number): void {
    this.#database
      .prepare(
        "INSERT INTO meta (name, value) VALUES ('released', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      )
      .run(String(sequence));
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Without waiting for whoever reads. On a full disk it fails; what was appended is in the log all the same, and the next one tries again.
   */
  #checkpoint(): void {
    try {
      this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
      this.#logPages = 0;
    } catch (error) {
      // A defect of ours is none of the disk.
      if (!(error instanceof Error && 'errcode' in error)) throw error;
    }
  }

  #emptyLog(): void {
    const row = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    if (row?.busy !== 0) {
      throw new Error(
        `${databaseFile}-wal cannot be emptied, because another process reads it; erase again when it has ended`,
      );
    }
    this.#logPages = 0;
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
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
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
