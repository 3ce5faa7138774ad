const windowMs = 2000;
/** Of the frames in a window. */
const tooLate = 0.2;
const fineLate = 0.02;
/** Of the time in a window: above it there is no room for twice the frames. */
const roomForDouble = 0.42;
/** A rate that was left for being too much is tried again after so many good windows. */
const goodWindows = 5;

/**
 * The frame rate gives before anything else: from 30 to 15 when frames come out late, and back when there has been
 * room for twice as many for a while.
 */
export class FrameRateLimit {
  /** 30 or 15. */
  rate: 30 | 15 = 30;
  /** Frames of the last window that came out late, 0..1. */
  lateFraction = 0;
  #startMs = Number.NaN;
  #frames = 0;
  #late = 0;
  #busyMs = 0;
  #good = 0;

  /** A frame that was due at `dueMs` and done at `doneMs`, with `busyMs` of work since the frame before. True: it was late. */
  observe(dueMs: number, doneMs: number, busyMs: number): boolean {
    if (Number.isNaN(this.#startMs)) this.#startMs = dueMs;
    const late = doneMs - dueMs > 1000 / this.rate;
    this.#frames += 1;
    if (late) this.#late += 1;
    this.#busyMs += busyMs;
    if (doneMs - this.#startMs >= windowMs) this.#decide(doneMs);
    return late;
  }

  /** Frames that were left out altogether. */
  skip(frames: number): void {
    this.#frames += frames;
    this.#late += frames;
  }

  #decide(nowMs: number): void {
    this.lateFraction = this.#late / this.#frames;
    const busy = this.#busyMs / (nowMs - this.#startMs);
    if (this.lateFraction > tooLate) {
      this.rate = 15;
      this.#good = 0;
    } else if (this.rate === 15 && this.lateFraction <= fineLate && busy < roomForDouble) {
      this.#good += 1;
      if (this.#good >= goodWindows) {
        this.rate = 30;
        this.#good = 0;
      }
    } else this.#good = 0;
    this.#startMs = nowMs;
    this.#frames = 0;
    this.#late = 0;
    this.#busyMs = 0;
  }
}
