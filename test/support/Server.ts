import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadyReport, ReadyZone } from '#src/cli/readyReport.ts';
import { writeTestConfig, type ChangeConfig } from './testConfig.ts';
import { freePort } from './ports.ts';
import { waitFor } from './waitFor.ts';

/** Of the embedded default, which always has a test CA. */
type Ready = ReadyReport & { readonly ca: string };

interface ServerPlace {
  readonly dataDir: string;
  readonly sipPort: number;
  readonly httpsPort: number;
  /** By `writeTestConfig`; absent: the embedded default. */
  readonly written?: { readonly file: string; readonly ca: string };
}

/** The whole product in its own processes, as `npm start` runs it, on ports and a data folder of its own. */
export class Server implements AsyncDisposable {
  readonly ready: Ready;
  readonly dataDir: string;
  readonly process: ChildProcess;
  readonly #log: string[];
  readonly #output: string[];

  /** With the embedded default, or with a configuration like it that `change` has changed. */
  static async start(extraArguments: readonly string[] = [], change?: ChangeConfig): Promise<Server> {
    const dataDir = await mkdtemp(join(tmpdir(), 'zonebridge-data-'));
    const [sipPort, httpsPort] = [await freePort(), await freePort()];
    const written = change && (await writeTestConfig(dataDir, { sipPort, httpsPort }, change));
    return Server.run({ dataDir, sipPort, httpsPort, ...(written && { written }) }, extraArguments);
  }

  /** On a data folder that is there already, which goes away with it. */
  static async run(
    { dataDir, sipPort, httpsPort, written }: ServerPlace,
    extraArguments: readonly string[] = [],
  ): Promise<Server> {
    const child = spawn(
      process.execPath,
      [
        'src/main.ts',
        'start',
        '--json',
        '--data',
        dataDir,
        '--sip-port',
        String(sipPort),
        '--https-port',
        String(httpsPort),
        ...(written === undefined ? [] : ['--config', written.file]),
        ...extraArguments,
      ],
      { cwd: new URL('../..', import.meta.url), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const log: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString()));
    const output: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const line = await waitFor(
      'the server’s ready line',
      () => {
        if (child.exitCode !== null) throw new Error(`the server ended at start: ${log.join('')}`);
        return output
          .join('')
          .split('\n')
          .find((text) => text.startsWith('{"ready":true'));
      },
      60_000,
    ).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw new Error(`the server did not start: ${log.join('')}`, { cause: error });
    });
    const ready = { ...(JSON.parse(line) as Ready), ...(written && { ca: written.ca }) };
    return new Server(ready, dataDir, child, log, output);
  }

  private constructor(ready: Ready, dataDir: string, child: ChildProcess, log: string[], output: string[]) {
    this.ready = ready;
    this.dataDir = dataDir;
    this.process = child;
    this.#log = log;
    this.#output = output;
  }

  /** Everything that the server logged. */
  get log(): string {
    return this.#log.join('');
  }

  /** Its standard output so far. */
  get output(): string {
    return this.#output.join('');
  }

  zone(name: string): ReadyZone {
    const zone = this.ready.zones.find((candidate) => candidate.name === name);
    if (zone === undefined) throw new Error(`no zone ${name} in ${JSON.stringify(this.ready)}`);
    return zone;
  }

  /** A dialable SIP URI of a room. */
  sip(zone: string, room: string): string {
    return this.zone(zone).sip.replace('{room}', room);
  }

  /** Ctrl-C; resolves with the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = new Promise((resolve) => this.process.once('exit', resolve));
      this.process.kill(signal);
      const timer = setTimeout(() => this.process.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(timer);
    }
    return this.process.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
