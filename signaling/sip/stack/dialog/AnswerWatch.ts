import type { Timers } from '../transaction/index.ts';

interface Watched {
  /** CSeq number of the INVITE. */
  readonly sequence: number;
  resend(): void;
  /** No ACK came in 64*T1. */
  expired(): void;
}

/** RFC 3261 §13.3.1.4: a 2xx to INVITE is sent again, over any transport, until its ACK comes. */
export class AnswerWatch {
  readonly #watched: Watched;
  readonly #timers: Timers;
  readonly #over = Promise.withResolvers<void>();
  #waiting = true;

  constructor(timers: Timers, watched: Watched) {
    this.#timers = timers;
    this.#watched = watched;
    timers.retransmit(() => watched.resend(), timers.timings.t2Ms);
    timers.after(timers.patienceMs, () => {
      this.close();
      watched.expired();
    });
  }

  get waiting(): boolean {
    return this.#waiting;
  }

  /** Resolves when the ACK came or nobody waits for it any more. */
  get whenOver(): Promise<void> {
    return this.#over.promise;
  }

  /** True for the ACK that was waited for, once. */
  acknowledged(sequence: number): boolean {
    if (!this.#waiting || sequence !== this.#watched.sequence) return false;
    this.close();
    return true;
  }

  close(): void {
    this.#waiting = false;
    this.#timers.clear();
    this.#over.resolve();
  }
}
