import type { Playback } from './contract.ts';

/** Prompts that play in the mixer process, until it says that they are over or is gone. */
export class Playbacks {
  readonly #ends = new Map<number, () => void>();
  #lastId = 0;

  begin(): Playback & { readonly id: number } {
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#ends.set(id, () => resolve(undefined));
    return { id, ended: promise };
  }

  end(id: number): void {
    this.#ends.get(id)?.();
    this.#ends.delete(id);
  }

  /** The process is gone, and with it all that it played. */
  endAll(): void {
    for (const id of [...this.#ends.keys()]) this.end(id);
  }
}
