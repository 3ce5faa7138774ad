import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ZoneConfig } from '#zones/index.ts';
import { Certificates } from './Certificates.ts';
import { freePort } from './ports.ts';

const program = fileURLToPath(new URL('../../deploy/receiver/receiver.ts', import.meta.url));

export interface StreamState {
  readonly sequence: number;
  readonly gaps: number;
  readonly duplicates: number;
}

/** The receiver that is shipped, as a process of its own. */
export class Receiver implements AsyncDisposable {
  readonly port: number;
  readonly certificates: Certificates;
  /** What it has complained of since it was started. */
  errors = '';
  readonly #place: string;
  #process: ChildProcess | undefined;

  static async create(): Promise<Receiver> {
    const certificates = await Certificates.create('ca', 'other-ca');
    await certificates.issueAll({
      receiver: { san: 'IP:127.0.0.1', usage: 'serverAuth' },
      other: { ca: 'other-ca', san: 'IP:127.0.0.1', usage: 'serverAuth' },
    });
    const place = await mkdtemp(join(tmpdir(), 'zonebridge-receiver-'));
    await writeFile(join(place, 'token'), 'a-token-of-the-owner\n');
    return new Receiver(place, await freePort(), certificates);
  }

  private constructor(place: string, port: number, certificates: Certificates) {
    this.#place = place;
    this.port = port;
    this.certificates = certificates;
  }

  /** For a zone that delivers here, or to `port` in front of it. */
  config(port = this.port): NonNullable<ZoneConfig['records']['delivery']> {
    return {
      url: `https://127.0.0.1:${port}/records`,
      token_file: this.tokenFile,
      ca: this.certificates.path('ca.pem'),
      timeout_ms: 1000,
      alarm_after_seconds: 10,
    };
  }

  /** Of its process, while it runs. */
  get processId(): number {
    return this.#process?.pid ?? 0;
  }

  get tokenFile(): string {
    return join(this.#place, 'token');
  }

  /** Where it keeps the one stream that it has. */
  async streamFolder(): Promise<string> {
    const [stream = ''] = await readdir(join(this.#place, 'records'));
    return join(this.#place, 'records', stream);
  }

  async start(certificate = 'receiver'): Promise<void> {
    const [cert, key] = [`${certificate}.pem`, `${certificate}.key`].map((name) =>
      this.certificates.path(name),
    );
    const options = ['--cert', cert, '--key', key, '--token-file', this.tokenFile];
    const place = [
      '--folder',
      join(this.#place, 'records'),
      '--host',
      '127.0.0.1',
      '--port',
      String(this.port),
    ];
    const child = spawn(process.execPath, [program, ...options.map(String), ...place], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    for await (const line of createInterface(child.stdout)) if (line.startsWith('takes')) return;
    await this.stop();
    throw new Error(`the receiver has not started: ${this.errors}`);
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async state(): Promise<StreamState | undefined> {
    const agent = new Agent({ ca: await readFile(this.certificates.path('ca.pem')) });
    const asking = request(this.config().url, {
      agent,
      headers: { authorization: `Bearer ${(await readFile(this.tokenFile, 'utf8')).trim()}` },
    });
    asking.end();
    const [response] = (await once(asking, 'response')) as [Parameters<typeof json>[0]];
    const { streams } = (await json(response)) as { streams: Readonly<Record<string, StreamState>> };
    agent.destroy();
    return Object.values(streams)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.certificates[Symbol.asyncDispose]();
    await rm(this.#place, { recursive: true });
  }
}
