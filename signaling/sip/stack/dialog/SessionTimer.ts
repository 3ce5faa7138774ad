import type { Timers } from '../transaction/index.ts';
import type { SessionInterval } from './sessionIntervals.ts';

interface Actions {
  /** Half of the interval has passed, and refreshing is ours. */
  refresh(): void;
  /** Nobody refreshed it in time. */
  expired(): void;
}

/** RFC 4028 §7, §10: one session interval. The next refresh replaces it. */
export class SessionTimer {
  readonly #timers: Timers;
  readonly #actions: Actions;

  constructor(timers: Timers, { seconds, refresher }: SessionInterval, actions: Actions) {
    this.#timers = timers;
    this.#actions = actions;
    if (refresher === 'us') timers.after(seconds * 500, () => actions.refresh());
    const earlierSeconds = Math.min(32, seconds / 3);
    timers.after((seconds - earlierSeconds) * 1000, () => actions.expired());
  }

  /** The refresh met one of the peer's: try again. */
  refreshLater(delayMs: number): void {
    this.#timers.after(delayMs, () => this.#actions.refresh());
  }

  close(): void {
    this.#timers.clear();
  }
}
