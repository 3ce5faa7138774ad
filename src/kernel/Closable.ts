/**
 * Something that owns resources. Closing it closes what it owns, newest first, exactly once.
 *
 * A subclass releases its own resources in `release`; its children are already closed by then. A failure while
 * closing does not keep the rest open: everything is released, then the failures are thrown together.
 */
export abstract class Closable implements AsyncDisposable {
  readonly #owned = new Set<Closable>();
  readonly #ended = Promise.withResolvers<string>();
  #closing: Promise<void> | undefined;

  /** Resolves with the reason, once everything is released. Never rejects. */
  get whenClosed(): Promise<string> {
    return this.#ended.promise;
  }

  /** True from the moment closing starts. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Idempotent: the first reason wins, every caller waits for the same teardown. */
  close(reason: string): Promise<void> {
    if (this.#closing === undefined) {
      // Set before the teardown runs, so that a child that calls back sees a closed owner.
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#closing = promise;
      this.#teardown(reason).then(resolve, reject);
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close('disposed');
  }

  /**
   * Adopts a child: it dies with this object, and is forgotten when it dies alone. One that comes too late, because this
   * object was closed while the child was being made, is closed at once.
   */
  protected own<T extends Closable>(child: T): T {
    if (this.closed) void child.close('its owner is closed');
    this.#owned.add(child);
    void child.whenClosed.then(() => this.#owned.delete(child));
    return child;
  }

  /** Releases this object's own resources; its children are already closed. */
  protected abstract release(reason: string): Promise<void> | void;

  async #teardown(reason: string): Promise<void> {
    const failures: unknown[] = [];
    for (const child of [...this.#owned].reverse()) {
      await child.close(reason).catch((error: unknown) => failures.push(error));
    }
    try {
      await this.release(reason);
    } catch (error) {
      failures.push(error);
    }
    this.#ended.resolve(reason);
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, `closing failed ${failures.length} times`);
  }
}
