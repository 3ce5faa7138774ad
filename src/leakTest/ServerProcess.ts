import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ZonebridgeError } from '#kernel/index.ts';
import type { ReadyReport } from '../cli/readyReport.ts';
import { waitFor } from './waitFor.ts';

export interface ServerProcessOptions {
  readonly configFile: string;
  readonly dataDir: string;
  /** For temporary files. */
  readonly temporaryDir: string;
}

const readyMs = 60_000;
const stopMs = 20_000;

/** `zonebridge start` in a process of its own, with all that it and its children write. */
export class ServerProcess implements AsyncDisposable {
  readonly ready: ReadyReport;
  readonly #child: ChildProcess;
  readonly #written: Buffer[];

  /** Resolves when its zones take calls. Throws `unavailable` with what it wrote when it does not start. */
  static async start({ configFile, dataDir, temporaryDir }: ServerProcessOptions): Promise<ServerProcess> {
    const program = fileURLToPath(new URL('../main.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [program, 'start', '--json', '--config', configFile, '--data', dataDir],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: temporaryDir } },
    );
    // When this process is told to end meanwhile, the server does too.
    const end = (): void => void child.kill('SIGTERM');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    const written: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => written.push(chunk));
    const text = (): string => Buffer.concat(written).toString();
    try {
      const line = await waitFor('the start of the server', () => readyLine(child, text()), readyMs);
      return new ServerProcess(JSON.parse(line) as ReadyReport, child, written);
    } catch (error) {
      child.kill('SIGKILL');
      throw new ZonebridgeError('unavailable', `the server did not start: ${text()}`, { cause: error });
    }
  }

  private constructor(ready: ReadyReport, child: ChildProcess, written: Buffer[]) {
    this.ready = ready;
    this.#child = child;
    this.#written = written;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What all its processes have written to standard output and error. */
  get written(): Buffer {
    return Buffer.concat(this.#written);
  }

  /** As by Ctrl-C; resolves when it is gone, by force after a while. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGINT');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    await closed;
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function readyLine({ exitCode }: ChildProcess, written: string): string | undefined {
  if (exitCode !== null) throw new ZonebridgeError('unavailable', `it ended with exit code ${exitCode}`);
  return written.split('\n').find((line) => line.startsWith('{"ready":true'));
}
