import { errorCodeOf, ZonebridgeError } from '#kernel/index.ts';

/** Even UDP ports of a zone; the odd one above each is for RTCP (RFC 3550 §11). */
export class PortRange {
  readonly #free: number[] = [];

  constructor({ min, max }: { readonly min: number; readonly max: number }) {
    for (let port = min + (min % 2); port + 1 <= max; port += 2) this.#free.push(port);
  }

  /** How many pairs are not in use. */
  get free(): number {
    return this.#free.length;
  }

  /**
   * Runs `open` with one free port after the other until it does not fail with `busy`: somebody else may have
   * taken a port of ours. Throws `busy` when none is left. The port must be given back.
   */
  async open<T>(open: (port: number) => Promise<T>): Promise<{ port: number; value: T }> {
    for (let attempts = this.#free.length; attempts > 0; attempts -= 1) {
      const port = this.#free.shift();
      if (port === undefined) break;
      try {
        return { port, value: await open(port) };
      } catch (error) {
        this.giveBack(port);
        if (errorCodeOf(error) !== 'busy') throw error;
      }
    }
    throw new ZonebridgeError('busy', 'all media ports are in use: widen media.ports in the configuration');
  }

  /** To the end of the line, so that a port rests as long as possible: late packets of the last call must not meet a new one. */
  giveBack(port: number): void {
    this.#free.push(port);
  }
}
