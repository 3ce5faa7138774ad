/** Whoever has spoken for so long, short pauses not counted, may take the floor. */
const enoughMs = 600;
/** More does not help: who falls silent is soon no candidate any more. */
const mostMs = 1500;
/** No change of speaker within this time of the last one. */
const heldMs = 2000;
/** A longer time between two looks tells nothing of what was said in between. */
const longestStepMs = 250;

/** The one who has the floor, with hysteresis: a cough or a "yes" does not take it, and silence leaves it where it was. */
export class Floor {
  speaker: string | undefined;
  /** Who had it before. */
  previous: string | undefined;
  readonly #spokenMs = new Map<string, number>();
  readonly #lastHeardMs = new Map<string, number>();
  #changedMs = -Infinity;
  #lookedMs = Number.NaN;

  /** When somebody was last heard; -Infinity for never. */
  lastHeardMs(id: string): number {
    return this.#lastHeardMs.get(id) ?? -Infinity;
  }

  /** `speaking`: the loudest first. */
  look(present: ReadonlySet<string>, speaking: readonly string[], nowMs: number): void {
    const elapsedMs = Math.min(longestStepMs, Math.max(0, nowMs - this.#lookedMs)) || 0;
    this.#lookedMs = nowMs;
    for (const [id, spokenMs] of this.#spokenMs) {
      if (speaking.includes(id)) continue;
      const left = spokenMs - 2 * elapsedMs;
      if (left > 0 && present.has(id)) this.#spokenMs.set(id, left);
      else this.#spokenMs.delete(id);
    }
    for (const id of speaking) {
      this.#lastHeardMs.set(id, nowMs);
      this.#spokenMs.set(id, Math.min(mostMs, (this.#spokenMs.get(id) ?? 0) + elapsedMs));
    }
    this.#forget(present);
    const next = speaking.find((id) => present.has(id) && (this.#spokenMs.get(id) ?? 0) >= enoughMs);
    if (next === undefined || next === this.speaker || nowMs - this.#changedMs < heldMs) return;
    // A speaker who goes on speaking is not pushed out by somebody who is a little louder for a moment.
    if (this.speaker !== undefined && speaking.includes(this.speaker) && speaking[0] === this.speaker) return;
    this.previous = this.speaker;
    this.speaker = next;
    this.#changedMs = nowMs;
  }

  #forget(present: ReadonlySet<string>): void {
    for (const id of this.#lastHeardMs.keys()) if (!present.has(id)) this.#lastHeardMs.delete(id);
    if (this.previous !== undefined && !present.has(this.previous)) this.previous = undefined;
    if (this.speaker === undefined || present.has(this.speaker)) return;
    this.speaker = this.previous;
    this.previous = undefined;
    this.#changedMs = -Infinity;
  }
}
