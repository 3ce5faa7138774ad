import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Closable, SerialQueue, errorText, type Log } from '#kernel/index.ts';
import { readDigestUsers, type DigestAccount, type DigestFiles } from './digestUsers.ts';

export interface DigestAccountsOptions extends DigestFiles {
  readonly log: Log;
  /** For file systems that report no changes. */
  readonly pollMs?: number;
  readonly settleMs?: number;
}

/** Who may log in by SIP digest, by the files as they are now. A broken new file is logged, and the last good one stays. */
export class DigestAccounts extends Closable {
  readonly #options: DigestAccountsOptions;
  readonly #queue = new SerialQueue();
  readonly #watchers: readonly FSWatcher[];
  readonly #poll: NodeJS.Timeout;
  #settling: NodeJS.Timeout | undefined;
  #byUser: ReadonlyMap<string, DigestAccount>;
  #onLost: (users: ReadonlySet<string>) => void = () => undefined;

  /** Throws `config-invalid` when the files cannot be used now. */
  static async create(options: DigestAccountsOptions): Promise<DigestAccounts> {
    return new DigestAccounts(options, await readDigestUsers(options));
  }

  private constructor(options: DigestAccountsOptions, accounts: readonly DigestAccount[]) {
    super();
    this.#options = options;
    this.#byUser = byUser(accounts);
    const { usersFile, secretFile, log, pollMs = 60_000 } = options;
    // Folders, because a new file takes the place of the old one.
    this.#watchers = [...new Set([dirname(usersFile), dirname(secretFile)])].map((folder) =>
      watch(folder, { persistent: false }, () => this.#soon()).on('error', (error) =>
        log.warn(
          { error: errorText(error) },
          'watching the digest accounts failed; they are read each minute',
        ),
      ),
    );
    this.#poll = setInterval(() => this.#soon(), pollMs).unref();
  }

  find(user: string): DigestAccount | undefined {
    return this.#byUser.get(user);
  }

  /** One listener: these have no account any more, or another password. */
  onLost(listener: (users: ReadonlySet<string>) => void): void {
    this.#onLost = listener;
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
    const { settleMs = 250 } = this.#options;
    this.#settling = setTimeout(() => void this.#queue.run(() => this.#reload()), settleMs).unref();
  }

  async #reload(): Promise<void> {
    const { log } = this.#options;
    try {
      const next = byUser(await readDigestUsers(this.#options));
      if (isDeepStrictEqual(next, this.#byUser)) return;
      const lost = [...this.#byUser.values()].filter(
        ({ user, ha1 }) => !isDeepStrictEqual(next.get(user)?.ha1, ha1),
      );
      this.#byUser = next;
      log.info('the new digest accounts are in use');
      if (lost.length > 0) this.#onLost(new Set(lost.map(({ user }) => user)));
    } catch (error) {
      log.error({ error: errorText(error) }, 'the new digest accounts cannot be used; the old ones stay');
    }
  }
}

function byUser(accounts: readonly DigestAccount[]): ReadonlyMap<string, DigestAccount> {
  return new Map(accounts.map((account) => [account.user, account]));
}
