interface LatestWishOptions<T> {
  /** How it is now. */
  readonly initial: T;
  readonly apply: (wished: T, before: T) => Promise<void>;
  /** Must not throw; may wish for something else. */
  readonly failed: (error: unknown) => void;
}

/**
 * Brings something to what was wished last. However fast wishes come, one change is under way, and those in between are
 * left out. What failed is tried again with the next wish.
 */
export class LatestWish<T> {
  readonly #options: LatestWishOptions<T>;
  #wished: T;
  #applied: T;
  #running = false;

  constructor(options: LatestWishOptions<T>) {
    this.#options = options;
    this.#wished = options.initial;
    this.#applied = options.initial;
  }

  /** What was wished, whether or not it is so yet. */
  get value(): T {
    return this.#wished;
  }

  set(wished: T): void {
    this.#wished = wished;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    const { apply, failed } = this.#options;
    this.#running = true;
    while (this.#applied !== this.#wished) {
      const wished = this.#wished;
      try {
        await apply(wished, this.#applied);
        this.#applied = wished;
      } catch (error) {
        failed(error);
        if (this.#wished === wished) break;
      }
    }
    this.#running = false;
  }
}
