import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { waitFor } from './waitFor.ts';

const run = promisify(execFile);
const debianFolder = '/usr/lib/postgresql';

/** A PostgreSQL server of its own, which is reached over a Unix socket. As root it runs as another user, since it refuses root. */
export class Postgres implements AsyncDisposable {
  readonly #folder: string;
  readonly #programs: string;
  readonly #user: { readonly uid?: number; readonly gid?: number };
  #server: ChildProcess | undefined;

  static async start(): Promise<Postgres> {
    const folder = await mkdtemp(join(tmpdir(), 'zonebridge-pg-'));
    const postgres = new Postgres(folder, await programsFolder(), await serverUser());
    await postgres.#init();
    await postgres.resume();
    return postgres;
  }

  private constructor(
    folder: string,
    programs: string,
    user: { readonly uid?: number; readonly gid?: number },
  ) {
    this.#folder = folder;
    this.#programs = programs;
    this.#user = user;
  }

  get processId(): number {
    return this.#server?.pid ?? 0;
  }

  /** Below which it keeps all that it keeps. */
  get dataFolder(): string {
    return join(this.#folder, 'data');
  }

  urlOf(database: string): string {
    return `postgres:///${database}?host=${encodeURIComponent(this.#folder)}&user=zonebridge`;
  }

  /** An empty database, with the file that has its address. */
  async database(): Promise<{ readonly url: string; readonly urlFile: string }> {
    const name = `zone_${randomBytes(4).toString('hex')}`;
    await this.query(this.urlOf('postgres'), `CREATE DATABASE ${name}`);
    const url = this.urlOf(name);
    const urlFile = join(this.#folder, `${name}.url`);
    await writeFile(urlFile, `${url}\n`);
    return { url, urlFile };
  }

  async query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** As after a power cut: without a word to anybody. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const exited = once(server, 'exit');
    server.kill('SIGQUIT');
    await exited;
  }

  async resume(): Promise<void> {
    const options = ['-D', this.dataFolder, '-k', this.#folder, '-h', ''];
    this.#server = spawn(join(this.#programs, 'postgres'), options, { ...this.#user, stdio: 'ignore' });
    await waitFor(
      'PostgreSQL to answer',
      () =>
        this.query(this.urlOf('postgres'), 'SELECT 1').then(
          () => true,
          () => false,
        ),
      20_000,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }

  async #init(): Promise<void> {
    const { uid, gid } = this.#user;
    if (uid !== undefined && gid !== undefined) await chown(this.#folder, uid, gid);
    const options = ['-D', this.dataFolder, '-U', 'zonebridge', '--auth=trust', '--no-sync'];
    await run(join(this.#programs, 'initdb'), options, this.#user);
  }
}

async function programsFolder(): Promise<string> {
  const versions = (await readdir(debianFolder)).map(Number).sort((a, b) => b - a);
  return join(debianFolder, String(versions[0]), 'bin');
}

async function serverUser(): Promise<{ readonly uid?: number; readonly gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(['-u', '-g'].map((what) => run('id', [what, 'postgres'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}
