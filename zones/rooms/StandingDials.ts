import { Closable } from '#kernel/index.ts';
import { StandingDial, type DialOnce } from './StandingDial.ts';

export interface StandingEntry {
  readonly room: string;
  readonly uri: string;
  readonly redialMs: number;
}

export interface StandingDialsOptions {
  /** `dial_out.standing` of the zone. */
  readonly entries: readonly StandingEntry[];
  readonly dial: (entry: StandingEntry, ...rest: Parameters<DialOnce>) => ReturnType<DialOnce>;
  /** At least 0 and less than 1; spreads the calls of many rooms. */
  readonly random?: () => number;
}

/**
 * Calls that stand while people are in a room: made when the first comes, made again when they are lost, given up when only such
 * calls are left. What they are made with, and whether they may be, is for `dial`.
 */
export class StandingDials extends Closable {
  readonly #byRoom = new Map<string, StandingDial[]>();

  constructor({ entries, dial, random = Math.random }: StandingDialsOptions) {
    super();
    for (const entry of entries) {
      const { room, redialMs } = entry;
      const once: DialOnce = (...rest) => dial(entry, ...rest);
      const standing = this.own(new StandingDial({ redialMs, random, dial: once }));
      this.#byRoom.set(room, [...(this.#byRoom.get(room) ?? []), standing]);
    }
  }

  /** People in the room other than by its standing calls; to be told of each change. */
  occupied(room: string, people: number): void {
    for (const standing of this.#byRoom.get(room) ?? []) standing.want(people > 0);
  }

  protected release(): void {
    this.#byRoom.clear();
  }
}
