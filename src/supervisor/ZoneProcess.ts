import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Closable, Ipc, ZonebridgeError, errorText, type Log } from '#kernel/index.ts';
import type { HandedConnection, ZoneHealth, ZoneStart } from '#zones/index.ts';
import { childEnvironment } from './childEnvironment.ts';

export interface ZoneUser {
  readonly uid: number;
  readonly gid: number;
}

export interface ZoneProcessOptions {
  /** The program's file, `zones/host.ts`. */
  readonly program: string;
  readonly start: ZoneStart;
  /** Absent: the supervisor's own. */
  readonly user?: ZoneUser;
  readonly log: Log;
  readonly timing?: Partial<ZoneTiming>;
}

export interface ZoneTiming {
  readonly startMs: number;
  readonly healthEveryMs: number;
  readonly healthMs: number;
  readonly stopMs: number;
}

const defaultTiming: ZoneTiming = {
  startMs: 30_000,
  healthEveryMs: 2_000,
  healthMs: 2_000,
  stopMs: 8_000,
};

/** Answers that may be missing in a row before the process counts as hung. */
const missedAnswers = 3;
/** Sockets on their way to a process that does not take them. */
const maxInTransit = 1_000;

/** One life of a zone's process, from its start to its exit. Closing it stops it properly, then by force. */
export class ZoneProcess extends Closable {
  readonly #child: ChildProcess;
  readonly #ipc: Ipc;
  readonly #log: Log;
  readonly #timing: ZoneTiming;
  readonly #inTransit = new Set<Socket>();
  readonly #exited: Promise<void>;
  #state: ZoneHealth['state'] = 'serving';
  #gone = false;

  /** Resolves when the zone takes calls. Throws what the zone could not start for; nothing of it is left then. */
  static async create(options: ZoneProcessOptions, signal?: AbortSignal): Promise<ZoneProcess> {
    await using stack = new AsyncDisposableStack();
    const zone = stack.use(new ZoneProcess(options));
    const abort = (): void => void zone.close('stopped while starting').catch(() => undefined);
    signal?.addEventListener('abort', abort, { once: true });
    stack.defer(() => signal?.removeEventListener('abort', abort));
    await zone.#start(options.start);
    signal?.removeEventListener('abort', abort);
    stack.move();
    return zone;
  }

  private constructor({ program, start, user, log, timing }: ZoneProcessOptions) {
    super();
    this.#timing = { ...defaultTiming, ...timing };
    this.#child = fork(program, [], {
      ...user,
      execArgv: [],
      cwd: start.dataDir,
      env: childEnvironment(process.env, start.dataDir),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // A group of its own: the terminal's Ctrl-C does not reach it, and its own children can be ended with it.
      detached: true,
    });
    this.#log = log.child({ zonePid: this.#child.pid });
    this.#ipc = new Ipc(this.#child);
    preferMedia(this.#child);
    this.#exited = this.#watchExit();
  }

  get state(): ZoneHealth['state'] {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** False when the process cannot take it; the socket is still the caller's then. */
  hand(socket: Socket, connection: HandedConnection): boolean {
    if (this.closed || this.#inTransit.size >= maxInTransit) return false;
    this.#inTransit.add(socket);
    return this.#ipc.emit('connection', connection, socket, () => this.#inTransit.delete(socket));
  }

  async drain(): Promise<void> {
    await this.#ipc.request('drain', null, this.#timing.healthMs);
  }

  /** Ends the process and its children at once. */
  kill(): void {
    const { pid } = this.#child;
    if (pid !== undefined) killGroup(pid);
  }

  protected async release(reason: string): Promise<void> {
    if (this.#gone) return;
    const deadline = sleep(this.#timing.stopMs, undefined, { ref: false });
    await this.#ipc.request('stop', { reason }, this.#timing.stopMs).catch((error: unknown) => {
      this.#log.debug({ error: errorText(error) }, 'no answer to stop');
    });
    if (this.#child.connected) this.#child.disconnect();
    await Promise.race([this.#exited, deadline]);
    this.kill();
    await this.#exited;
  }

  async #start(start: ZoneStart): Promise<void> {
    const spawned = once(this.#child, 'spawn');
    const failed = this.#exited.then(() => {
      throw new ZonebridgeError('unreachable', `its process ended while starting (${exitText(this.#child)})`);
    });
    failed.catch(() => undefined);
    await Promise.race([spawned, failed]);
    await Promise.race([this.#ipc.request('start', start, this.#timing.startMs), failed]);
    void this.#watchHealth();
  }

  async #watchExit(): Promise<void> {
    const gone = once(this.#child, 'exit');
    await Promise.race([gone, once(this.#child, 'error')]).catch((error: unknown) => {
      this.#log.error({ error: errorText(error) }, 'the process could not be started');
    });
    this.#gone = true;
    // What it left behind: its mixer and its media worker.
    this.kill();
    this.#ipc.close();
    for (const socket of this.#inTransit) socket.destroy();
    this.#inTransit.clear();
    closePendingHandle(this.#child);
    if (!this.closed) this.#log.warn({ exit: exitText(this.#child) }, 'the zone’s process ended');
    void this.close('process exit').catch((error: unknown) => this.#log.error({ error: errorText(error) }));
  }

  async #watchHealth(): Promise<void> {
    for (let missed = 0; ;) {
      await sleep(this.#timing.healthEveryMs, undefined, { ref: false });
      try {
        this.#take(await this.#ipc.request<ZoneHealth>('health', null, this.#timing.healthMs));
        missed = 0;
      } catch (error) {
        if (this.closed) return;
        missed += 1;
        this.#log.warn({ missed, error: errorText(error) }, 'no sign of health');
      }
      if (missed >= missedAnswers) this.kill();
    }
  }

  #take({ state }: ZoneHealth): void {
    if (state !== this.#state) this.#log.info({ state }, 'the zone’s health changed');
    this.#state = state;
  }
}

/**
 * A socket that was sent and not yet acknowledged when the process died stays open in Node: its `disconnect` waits for the
 * acknowledgement (lib/internal/child_process.js), and the client behind the socket would wait with it.
 */
function closePendingHandle(child: ChildProcess): void {
  const { _pendingMessage: pending } = child as { _pendingMessage?: { handle?: { close(): void } } | null };
  pending?.handle?.close();
}

function exitText({ exitCode, signalCode, pid }: ChildProcess): string {
  if (pid === undefined) return 'it could not be started';
  return signalCode === null ? `exit code ${exitCode ?? 'unknown'}` : `signal ${signalCode}`;
}

/** The process and all in its group; false when none is left. */
function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: none is left. EPERM: the number already belongs to somebody else.
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Better than other programs: late media is lost media. Its mixer and media worker inherit it. */
const niceness = -5;

/** Only root may; as anybody else the zone runs like every other program. */
function preferMedia({ pid }: ChildProcess): void {
  if (pid === undefined || process.getuid?.() !== 0) return;
  try {
    setPriority(pid, niceness);
  } catch {
    // A container's root may lack CAP_SYS_NICE, and a process that died at once is reported elsewhere.
  }
}
