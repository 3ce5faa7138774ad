/** How far behind the newest packet one may still come. */
const windowPackets = 1024;

/** The 48-bit index of an SRTP packet from its 16-bit sequence number (RFC 3711 §3.3.1). */
export function estimateIndex(highest: number, sequence: number): number {
  if (highest < 0) return sequence;
  const rollover = Math.floor(highest / 0x1_0000);
  const last = highest % 0x1_0000;
  if (last < 0x8000) {
    const behind = sequence - last > 0x8000 && rollover > 0;
    return (behind ? rollover - 1 : rollover) * 0x1_0000 + sequence;
  }
  const ahead = last - 0x8000 > sequence;
  return (ahead ? rollover + 1 : rollover) * 0x1_0000 + sequence;
}

/** Which packets of one stream have come (RFC 3711 §3.3.2). */
export class ReplayWindow {
  readonly #seen = new Float64Array(windowPackets).fill(-1);
  #highest = -1;

  /** Index of the newest packet that was accepted; -1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** False for a packet that came before or that is too old to tell. */
  isFresh(index: number): boolean {
    return index > this.#highest - windowPackets && this.#seen[index % windowPackets] !== index;
  }

  accept(index: number): void {
    this.#seen[index % windowPackets] = index;
    if (index > this.#highest) this.#highest = index;
  }
}
