import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Ipc } from '#kernel/index.ts';
import type { BaresipOptions } from './Baresip.ts';
import type { Server } from './Server.ts';

export interface HostOrder {
  readonly place: Parameters<typeof Server.run>[0];
  readonly zone: string;
  readonly room: string;
  readonly phone: BaresipOptions;
}

export interface HostReport {
  /** dBFS of each tone in what the phone heard last. */
  readonly heardDb: Readonly<Record<number, number>>;
  /** As the owner reads them. */
  readonly records: string;
  readonly faults: readonly unknown[];
  readonly log: string;
  /** It has a default route. */
  readonly hasWayOut: boolean;
}

/** A server and a phone in a network namespace (ip-netns(8)): a host of its own as far as the network goes. */
export class Host implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ipc: Ipc;

  static async start(namespace: string, order: HostOrder): Promise<Host> {
    const program = fileURLToPath(new URL('./hostProgram.ts', import.meta.url));
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, program], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const host = new Host(child);
    await host.#ipc.request('start', order, 60_000);
    return host;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ipc = new Ipc(child);
  }

  dial(room: string, uri: string): Promise<string> {
    return this.#ipc.request('dial', { room, uri }, 30_000);
  }

  report(tonesHz: readonly number[]): Promise<HostReport> {
    return this.#ipc.request('report', tonesHz, 60_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ipc.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 30_000);
    await exited;
    clearTimeout(timer);
  }
}
