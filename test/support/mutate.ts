/** Numbers that are the same each time. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 to `below` - 1. */
  next(below: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0;
    return (this.#state >>> 8) % below;
  }
}

/** The packet as no honest sender would send it: some bytes are others, mostly in its headers, and at times its end is missing. */
export function mutate(packet: Uint8Array, dice: Dice): Uint8Array {
  const mutated = packet.slice(0, dice.next(8) === 0 ? dice.next(packet.length) : packet.length);
  for (let change = dice.next(6); change >= 0; change -= 1) {
    const header = 12 + dice.next(Math.max(1, Math.min(30, mutated.length)));
    const at = dice.next(3) === 0 ? dice.next(Math.max(1, mutated.length)) : header;
    if (at < mutated.length) mutated[at] = dice.next(256);
  }
  return mutated;
}
