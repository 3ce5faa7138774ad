/** What a person does with a page, and all that the page does by itself, is far below this. */
const windowMs = 1000;
const messagesInWindow = 20;

/** How fast one connection may talk. */
export class MessagePace {
  #windowStartMs = -Infinity;
  #count = 0;

  /** One more message. Gives how long to read nothing more, in milliseconds; 0 to go on. */
  take(nowMs: number): number {
    if (nowMs - this.#windowStartMs >= windowMs) {
      this.#windowStartMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count < messagesInWindow ? 0 : this.#windowStartMs + windowMs - nowMs;
  }
}
