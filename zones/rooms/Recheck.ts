import { Closable } from '#kernel/index.ts';
import type { PolicyDecision } from '../policy/contract.ts';
import { nextRecheckMs } from './nextRecheckMs.ts';
import { Turns } from './Turns.ts';

export type RecheckEvent =
  /** No longer allowed: it ends at that time (milliseconds since 1970) unless a later decision allows it again. */
  | {
      readonly type: 'warn';
      readonly id: string;
      readonly endsAtMs: number;
      readonly decision: PolicyDecision;
    }
  /** Warned before, and allowed again. */
  | { readonly type: 'relent'; readonly id: string; readonly decision: PolicyDecision }
  /** Its time is over; it is no longer decided. */
  | { readonly type: 'end'; readonly id: string; readonly decision: PolicyDecision };

export interface RecheckOptions {
  /** `policy.recheck_seconds` */
  readonly everyMs: number;
  /** `policy.warning_seconds` */
  readonly warningMs: number;
  readonly decide: (id: string) => Promise<PolicyDecision>;
  /** Must not throw. */
  readonly emit: (event: RecheckEvent) => void;
  /** No decision came, which is a defect of ours: the call is as it was. Must not throw. */
  readonly failed: (id: string, error: unknown) => void;
  /** Decisions under way at once, as many as a policy server should have to answer together. */
  readonly concurrency?: number;
  /** Shared by all of a zone, so that many small rooms do not decide in one turn either. */
  readonly turns?: Turns;
}

interface Watched {
  /** Set while it is warned. */
  ending?: { readonly timer: NodeJS.Timeout; decision: PolicyDecision };
}

/**
 * Decides again about everybody who is in: by the clock, at the times when windows end, and at once when something has changed. One
 * decision begins in a turn of the event loop, so that a large room holds up nothing else.
 */
export class Recheck extends Closable {
  readonly #options: RecheckOptions;
  readonly #turns: Turns;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: RecheckOptions) {
    super();
    this.#options = options;
    this.#turns = options.turns ?? new Turns();
    this.#arm();
  }

  /** From now on this call is decided again; it was allowed just now. */
  add(id: string): void {
    if (!this.closed && !this.#watched.has(id)) this.#watched.set(id, {});
  }

  /** It has ended. */
  remove(id: string): void {
    clearTimeout(this.#watched.get(id)?.ending?.timer);
    this.#watched.delete(id);
  }

  /**
   * Everybody now; or once more after a round that is under way, since some of it may rest on what was before. Resolves when
   * all is decided.
   */
  async trigger(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#round().finally(() => (this.#running = undefined));
    } else this.#again = true;
    await this.#running;
  }

  protected release(): void {
    clearTimeout(this.#timer);
    for (const id of [...this.#watched.keys()]) this.remove(id);
  }

  #arm(): void {
    const nowMs = Date.now();
    const dueMs = nextRecheckMs(nowMs, this.#options.everyMs);
    this.#timer = setTimeout(() => {
      // A timer may be a moment early, and a decision a moment before the end of a window is the wrong one.
      if (Date.now() >= dueMs) void this.trigger();
      if (!this.closed) this.#arm();
    }, dueMs - nowMs);
  }

  async #round(): Promise<void> {
    do {
      this.#again = false;
      const ids = [...this.#watched.keys()].values();
      const { concurrency = 8 } = this.#options;
      await Promise.all(Array.from({ length: concurrency }, () => this.#decideEach(ids)));
    } while (this.#takeAgain());
  }

  /** Method, since the flag changes while the round waits. */
  #takeAgain(): boolean {
    return this.#again && !this.closed;
  }

  async #decideEach(ids: IterableIterator<string>): Promise<void> {
    for (const id of ids) {
      await this.#turns.next();
      if (!this.#watched.has(id)) continue;
      try {
        this.#apply(id, await this.#options.decide(id));
      } catch (error) {
        this.#options.failed(id, error);
      }
    }
  }

  #apply(id: string, decision: PolicyDecision): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    if (decision.effect === 'allow') this.#relent(id, watched, decision);
    else if (watched.ending !== undefined) watched.ending.decision = decision;
    else this.#warn(id, watched, decision);
  }

  #relent(id: string, watched: Watched, decision: PolicyDecision): void {
    if (watched.ending === undefined) return;
    clearTimeout(watched.ending.timer);
    delete watched.ending;
    this.#options.emit({ type: 'relent', id, decision });
  }

  #warn(id: string, watched: Watched, decision: PolicyDecision): void {
    const { warningMs, emit } = this.#options;
    if (warningMs === 0) return this.#end(id, decision);
    const endsAtMs = Date.now() + warningMs;
    const timer = setTimeout(() => this.#end(id, watched.ending?.decision ?? decision), warningMs);
    watched.ending = { timer, decision };
    emit({ type: 'warn', id, endsAtMs, decision });
  }

  #end(id: string, decision: PolicyDecision): void {
    this.remove(id);
    this.#options.emit({ type: 'end', id, decision });
  }
}
