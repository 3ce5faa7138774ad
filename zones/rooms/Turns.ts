/** Gives each who asks a turn of the event loop of his own, in the order of asking. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise<void>((resolve) => void setImmediate(resolve)));
    return this.#last;
  }
}
