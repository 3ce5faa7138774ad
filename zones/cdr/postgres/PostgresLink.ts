import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError, type QueryResultRow } from 'pg';
import { ZonebridgeError } from '#kernel/index.ts';
import { tableStatements } from '../tables.ts';

export interface PostgresLinkOptions {
  /** As `postgresUrl` gives it. */
  readonly url: string;
  /** One process alone appends. The others find the tables, or nothing. */
  readonly writes: boolean;
  /** How long a statement may take; without it, 10 s. */
  readonly statementMs?: number;
}

const connectMs = 3_000;
const statementMs = 10_000;
/** When the server does not even end a statement whose time is over, the connection is given up so much later. */
const silenceMs = 2_000;
/** An appender that has just died may hold its lock for a moment. */
const lockMs = 5_000;
const lockPollMs = 200;
/** Of this server, for whoever appends the records of a zone. */
const writerLock = 0x7a6f6e65;

/** The server notices within half a minute that this host is gone, and lets the lock go. */
const session = `
SET synchronous_commit TO on;
SET tcp_keepalives_idle TO 10;
SET tcp_keepalives_interval TO 5;
SET tcp_keepalives_count TO 3;
SET search_path TO zonebridge;
`;

/** A connection to PostgreSQL that is made anew when it breaks. */
export class PostgresLink {
  readonly #options: PostgresLinkOptions;
  #client: Promise<Client> | undefined;

  constructor(options: PostgresLinkOptions) {
    this.#options = options;
  }

  /** Throws `unavailable` when the server is not there or takes too long, and what it says of a wrong statement. */
  async query(text: string, values: readonly unknown[] = []): Promise<readonly QueryResultRow[]> {
    const link = (this.#client ??= this.#opened());
    try {
      const client = await link;
      return (await client.query<QueryResultRow>(text, [...values])).rows;
    } catch (error) {
      if (error instanceof DatabaseError && !isAway(error)) throw error;
      this.#drop(link);
      if (error instanceof ZonebridgeError) throw error;
      throw new ZonebridgeError('unavailable', 'PostgreSQL does not answer', { cause: error });
    }
  }

  async close(): Promise<void> {
    const link = this.#client;
    this.#client = undefined;
    await (await link?.catch(() => undefined))?.end();
  }

  #opened(): Promise<Client> {
    const link = this.#connect();
    link.then(
      (client) => client.once('end', () => this.#drop(link)),
      () => this.#drop(link),
    );
    return link;
  }

  #drop(link: Promise<Client>): void {
    if (this.#client === link) this.#client = undefined;
    // It may be stuck; nobody waits for its end.
    link.then((client) => client.end()).catch(() => undefined);
  }

  async #connect(): Promise<Client> {
    const longestMs = this.#options.statementMs ?? statementMs;
    const client = new Client({
      connectionString: this.#options.url,
      connectionTimeoutMillis: connectMs,
      query_timeout: longestMs + silenceMs,
      application_name: 'zonebridge',
      keepAlive: true,
    });
    // Whoever asks next is told, or gets another.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(`SET statement_timeout TO ${longestMs}`);
      await prepare(client, this.#options.writes);
      return client;
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
  }
}

async function prepare(client: Client, writes: boolean): Promise<void> {
  if (!writes) {
    await client.query(session);
    if (await saysYes(client, "SELECT to_regclass('zonebridge.records') IS NOT NULL AS yes")) return;
    throw new ZonebridgeError('not-found', 'no zone has written call records to this database');
  }
  // What is acknowledged must be on disk.
  if (!(await saysYes(client, "SELECT current_setting('fsync') = 'on' AS yes"))) {
    throw new ZonebridgeError(
      'config-invalid',
      'this PostgreSQL runs with fsync = off and would lose call records in a power cut; set it to on',
    );
  }
  await client.query(`CREATE SCHEMA IF NOT EXISTS zonebridge; ${session} ${tableStatements('postgres')}`);
  await lock(client);
}

async function lock(client: Client): Promise<void> {
  const untilMs = performance.now() + lockMs;
  while (!(await saysYes(client, `SELECT pg_try_advisory_lock(${writerLock}) AS yes`))) {
    if (performance.now() > untilMs) {
      throw new ZonebridgeError(
        'unavailable',
        'another process writes call records to this database; each zone needs one of its own',
      );
    }
    await sleep(lockPollMs);
  }
}

async function saysYes(client: Client, question: string): Promise<boolean> {
  const { rows } = await client.query<{ readonly yes: boolean }>(question);
  return rows[0]?.yes === true;
}

/** Of SQLSTATE, class 57: the server is being stopped or started, or has ended a statement that took too long. */
function isAway({ code }: DatabaseError): boolean {
  return code?.startsWith('57') === true;
}
