const lowerAfterMs = 2000;

/** How large a source is needed: more at once, less only when that lasts. */
export class WantedHeight {
  /** Pixels; 0 for not at all. */
  height = 0;
  #told = false;
  #higherMs = -Infinity;

  /** True when `height` is to be told. */
  update(height: number, nowMs: number): boolean {
    if (height >= this.height) this.#higherMs = nowMs;
    const changed = height > this.height || (height < this.height && nowMs - this.#higherMs >= lowerAfterMs);
    if (changed) {
      this.height = height;
      this.#higherMs = nowMs;
    }
    const tell = changed || !this.#told;
    this.#told = true;
    return tell;
  }
}
