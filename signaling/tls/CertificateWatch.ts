import { createHash } from 'node:crypto';
import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import { Closable, SerialQueue, errorText, type Log } from '#kernel/index.ts';
import { listsEndMs } from './revocation.ts';
import { readCredentials, type CertificatePaths, type Credentials } from './certificateFiles.ts';

export interface CertificateWatchOptions {
  readonly paths: CertificatePaths;
  readonly log: Log;
  /** For file systems that report no changes. */
  readonly pollMs?: number;
  /** A new certificate and its key are written one after the other. */
  readonly settleMs?: number;
}

/** Before the end of a revocation list, so that somebody can still bring the next. */
const listNoticeMs = 86_400_000;

/** The newest usable credentials of a zone. A broken new file is logged, and the last good ones stay. */
export class CertificateWatch extends Closable {
  readonly #paths: CertificatePaths;
  readonly #log: Log;
  readonly #settleMs: number;
  readonly #watchers: FSWatcher[] = [];
  readonly #queue = new SerialQueue();
  readonly #poll: NodeJS.Timeout;
  #settling: NodeJS.Timeout | undefined;
  #current: Credentials;
  #lists: 'current' | 'due' | 'over' = 'current';
  #onChange: (credentials: Credentials) => void = () => undefined;

  /** Throws `config-invalid` when the files cannot be used now. */
  static async create(options: CertificateWatchOptions): Promise<CertificateWatch> {
    return new CertificateWatch(options, await readCredentials(options.paths));
  }

  private constructor(options: CertificateWatchOptions, credentials: Credentials) {
    super();
    const { paths, log, pollMs = 60_000, settleMs = 250 } = options;
    this.#paths = paths;
    this.#log = log;
    this.#settleMs = settleMs;
    this.#current = credentials;
    // Folders, because renewal replaces files by renaming, which leaves a watch of the file behind.
    const { certificate, key, clientCa, peerCa, crls = [] } = paths;
    const files = [certificate, key, clientCa, peerCa, ...crls].filter((path) => path !== undefined);
    for (const folder of new Set(files.map((path) => dirname(path)))) {
      this.#watchers.push(watch(folder, { persistent: false }, () => this.#soon()));
    }
    for (const watcher of this.#watchers) {
      watcher.on('error', (error) =>
        log.warn({ error: errorText(error) }, 'watching certificate files failed; they are read each minute'),
      );
    }
    this.#poll = setInterval(() => this.#soon(), pollMs).unref();
    this.#watchLists();
  }

  get current(): Credentials {
    return this.#current;
  }

  /** One listener: called with credentials that differ from the last ones. */
  onChange(listener: (credentials: Credentials) => void): void {
    this.#onChange = listener;
  }

  protected async release(): Promise<void> {
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers) watcher.close();
    await this.#queue.close();
  }

  #soon(): void {
    if (this.closed) return;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#queue.run(() => this.#reload()), this.#settleMs).unref();
  }

  async #reload(): Promise<void> {
    try {
      const credentials = await readCredentials(this.#paths);
      this.#watchLists(credentials);
      if (digest(credentials) === digest(this.#current)) return;
      this.#current = credentials;
      this.#onChange(credentials);
      this.#log.info('the new certificate is in use');
    } catch (error) {
      this.#log.error({ error: errorText(error) }, 'the new certificate cannot be used; the old one stays');
    }
  }

  /** Each is told once: from the end of a list on, no certificate of its issuer counts. */
  #watchLists({ crls }: Pick<Credentials, 'crls'> = this.#current): void {
    const endMs = listsEndMs(crls);
    const leftMs = endMs - Date.now();
    const lists = leftMs <= 0 ? 'over' : leftMs < listNoticeMs ? 'due' : 'current';
    if (lists === this.#lists) return;
    this.#lists = lists;
    if (lists === 'current') return;
    const until = new Date(endMs).toISOString();
    if (lists === 'due') this.#log.warn({ until }, 'a revocation list runs out soon; bring the next');
    else {
      const alarm = 'certificates of its issuer do not count until the next is there';
      this.#log.error({ alarm, until }, 'a revocation list has run out');
    }
  }
}

function digest({ cert, key, ca, peerCa, crls }: Credentials): string {
  const hash = createHash('sha256');
  for (const part of [cert, key, ...ca, peerCa ?? '', ...crls]) hash.update(String(part.length)).update(part);
  return hash.digest('hex');
}
