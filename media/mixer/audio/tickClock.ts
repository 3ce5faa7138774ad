import { tickMs } from './codecs.ts';

/** A timer may come this much before its time, for it counts whole milliseconds. */
const earlyMs = 1;
/** Late ticks are made up for, unless the clock is further behind than this. */
const mostLateTicks = 10;

/** Absolute deadlines 20 ms apart. A late tick does not move those after it, so the clock does not drift. */
export class TickClock {
  /** Deadline of the next tick, on the clock that `startMs` was read from. */
  nextMs: number;

  constructor(startMs: number) {
    this.nextMs = startMs;
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.nextMs - earlyMs;
  }

  advance(): void {
    this.nextMs += tickMs;
  }

  /** Gives up what is too far behind: the number of ticks that are not run. */
  giveUp(nowMs: number): number {
    const behind = Math.floor((nowMs - this.nextMs) / tickMs);
    const given = Math.max(0, behind - mostLateTicks);
    this.nextMs += given * tickMs;
    return given;
  }

  /** Whole milliseconds until the next deadline, at least one. */
  timeoutMs(nowMs: number): number {
    return Math.max(1, Math.ceil(this.nextMs - nowMs));
  }
}

/**
 * Maps arrival times, which the kernel stamps with the wall clock, to the monotonic clock of the ticks. Small errors of
 * reading are averaged out; when the wall clock is set, it follows at once.
 */
export class ArrivalClock {
  #offsetMs = Number.NaN;

  /** Both clocks, read at once. */
  observe(wallMs: number, monotonicMs: number): void {
    const offsetMs = wallMs - monotonicMs;
    const error = offsetMs - this.#offsetMs;
    if (Math.abs(error) < 5) this.#offsetMs += error * 0.01;
    else this.#offsetMs = offsetMs;
  }

  toMonotonicMs(wallMs: number): number {
    return wallMs - this.#offsetMs;
  }
}
