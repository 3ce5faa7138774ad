import { setTimeout as delay } from 'node:timers/promises';
import { Closable } from '#kernel/index.ts';

const defaultIntervalMs = 1000;

interface ReoffersOptions {
  /** Makes one offer; resolves once the far end has followed it. */
  readonly make: () => Promise<void>;
  /** An offer failed, and no other was asked for meanwhile. Must not throw. */
  readonly failed: (error: unknown) => void;
  readonly intervalMs?: number;
}

/**
 * New offers to one far end. Only one at a time, since another would end the one under way; and, as each costs the zone a
 * transport, never faster than the interval, however often a far end asks.
 */
export class Reoffers extends Closable {
  readonly #options: ReoffersOptions;
  readonly #abort = new AbortController();
  #wanted = false;
  #running = false;

  constructor(options: ReoffersOptions) {
    super();
    this.#options = options;
  }

  /** Also while one is under way: another follows it. */
  want(): void {
    this.#wanted = true;
    if (!this.#running) void this.#run();
  }

  protected release(): void {
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    const { make, failed, intervalMs = defaultIntervalMs } = this.#options;
    this.#running = true;
    while (this.#takeWanted()) {
      const pause = delay(intervalMs, undefined, { signal: this.#abort.signal }).catch(() => undefined);
      try {
        await make();
      } catch (error) {
        if (!this.#wanted) failed(error);
      }
      await pause;
    }
    this.#running = false;
  }

  #takeWanted(): boolean {
    const wanted = this.#wanted && !this.closed;
    this.#wanted = false;
    return wanted;
  }
}
