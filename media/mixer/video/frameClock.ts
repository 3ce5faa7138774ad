export const mostFramesPerSecond = 30;

/** A timer may come this much before its time, for it counts whole milliseconds. */
const earlyMs = 1;

/** Absolute deadlines. A frame that is missed is left out: two at once would show nothing more. */
export class FrameClock {
  /** Deadline of the next frame, on the clock that `startMs` was read from. */
  nextMs: number;
  /** May be changed between frames. */
  periodMs = 1000 / mostFramesPerSecond;

  constructor(startMs: number) {
    this.nextMs = startMs;
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.nextMs - earlyMs;
  }

  advance(): void {
    this.nextMs += this.periodMs;
  }

  /** Gives up all that are due but the last: how many. */
  giveUp(nowMs: number): number {
    const given = Math.max(0, Math.floor((nowMs - this.nextMs) / this.periodMs));
    this.nextMs += given * this.periodMs;
    return given;
  }
}
