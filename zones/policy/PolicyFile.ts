import { EventEmitter } from 'node:events';
import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Closable, SerialQueue, ZonebridgeError, errorText, type Log } from '#kernel/index.ts';
import { PolicySet } from './PolicySet.ts';

export interface PolicyFileOptions {
  readonly file: string;
  readonly log: Log;
  /** Between two readings of a file whose changes nobody has told, milliseconds. */
  readonly pollMs: number;
}

interface PolicyFileEvents {
  /** Other policies are in force. */
  changed: [];
  /** What the file holds now cannot be used, the policies before it stay; undefined as soon as it can. */
  fault: [text: string | undefined];
}

const settleMs = 250;

/** The policies of a file that is watched: the last ones without a fault. */
export class PolicyFile extends Closable {
  readonly #file: string;
  readonly #events = new EventEmitter<PolicyFileEvents>();
  readonly #queue = new SerialQueue();
  readonly #watcher: FSWatcher;
  readonly #poll: NodeJS.Timeout;
  #policies: PolicySet;
  /** As it was read last; undefined when it could not be. */
  #text: string | undefined;
  #settling: NodeJS.Timeout | undefined;

  /** Throws `config-invalid` with every fault of the policies, or when the file cannot be read. */
  static async open(options: PolicyFileOptions): Promise<PolicyFile> {
    const text = await read(options.file);
    return new PolicyFile(options, text, PolicySet.of(options.file, text));
  }

  private constructor({ file, log, pollMs }: PolicyFileOptions, text: string, policies: PolicySet) {
    super();
    this.#file = file;
    this.#text = text;
    this.#policies = policies;
    // The folder, because editors replace files by renaming.
    this.#watcher = watch(dirname(file), { persistent: false }, () => this.#soon());
    this.#watcher.on('error', (error) =>
      log.warn({ error: errorText(error), pollMs }, 'watching the policy file failed; it is polled'),
    );
    this.#poll = setInterval(() => this.#soon(), pollMs).unref();
  }

  /** Not to be kept: they are released when others take their place. */
  get policies(): PolicySet {
    return this.#policies;
  }

  on<E extends keyof PolicyFileEvents>(event: E, listener: (...values: PolicyFileEvents[E]) => void): void {
    this.#events.on(event, listener as never);
  }

  protected async release(): Promise<void> {
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    this.#watcher.close();
    await this.#queue.close();
    this.#events.removeAllListeners();
    this.#policies[Symbol.dispose]();
  }

  /** Whoever writes a file may not have finished yet. In a busy folder it is not put off again and again. */
  #soon(): void {
    if (this.closed) return;
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      void this.#queue.run(() => this.#reload());
    }, settleMs).unref();
  }

  async #reload(): Promise<void> {
    const file = this.#file;
    const before = this.#text;
    this.#text = undefined;
    try {
      this.#text = await read(file);
      if (this.#text !== before && !this.closed) this.#use(PolicySet.of(file, this.#text));
    } catch (error) {
      this.#events.emit('fault', errorText(error));
    }
  }

  #use(policies: PolicySet): void {
    const before = this.#policies;
    this.#policies = policies;
    before[Symbol.dispose]();
    this.#events.emit('fault', undefined);
    if (before.revision !== policies.revision) this.#events.emit('changed');
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ZonebridgeError('config-invalid', `${file} cannot be read`, { cause });
  }
}
