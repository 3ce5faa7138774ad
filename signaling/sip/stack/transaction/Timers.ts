/** RFC 3261 §17.1.1.1, table 4. Everything else in the stack is derived from these three. */
export interface Timings {
  /** Estimate of the round trip. */
  readonly t1Ms: number;
  /** Longest interval between retransmissions of anything but INVITE requests. */
  readonly t2Ms: number;
  /** How long a message stays in the network. */
  readonly t4Ms: number;
}

export const rfc3261Timings: Timings = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 };

/** Takes a task back; harmless when it already ran. */
export type Cancel = () => void;

/** Runs a task later; tests hand in one that they move by hand. */
export interface Scheduler {
  after(delayMs: number, task: () => void): Cancel;
}

/** Node's timers. They never keep the process alive. */
export const systemScheduler: Scheduler = {
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

/** The timers of one transaction or dialog: they are all cleared together when it ends. */
export class Timers {
  readonly timings: Timings;
  readonly #scheduler: Scheduler;
  readonly #running = new Set<Cancel>();

  constructor(scheduler: Scheduler, timings: Timings) {
    this.#scheduler = scheduler;
    this.timings = timings;
  }

  /** 64*T1: how long a transaction is tried (Timers B, F, H, L, M). */
  get patienceMs(): number {
    return 64 * this.timings.t1Ms;
  }

  after(delayMs: number, task: () => void): Cancel {
    const cancelTimer = this.#scheduler.after(delayMs, () => {
      this.#running.delete(cancel);
      task();
    });
    const cancel = (): void => {
      this.#running.delete(cancel);
      cancelTimer();
    };
    this.#running.add(cancel);
    return cancel;
  }

  /** Runs the task at T1, then at intervals that double up to `capMs`, until cancelled. */
  retransmit(task: () => void, capMs = Infinity): Cancel {
    let intervalMs = this.timings.t1Ms;
    let cancel: Cancel;
    const run = (): void => {
      intervalMs = Math.min(intervalMs * 2, capMs);
      cancel = this.after(intervalMs, run);
      task();
    };
    cancel = this.after(intervalMs, run);
    return () => cancel();
  }

  clear(): void {
    for (const cancel of [...this.#running]) cancel();
  }

  /** A new, empty set that runs by the same clock. */
  fork(): Timers {
    return new Timers(this.#scheduler, this.timings);
  }
}
