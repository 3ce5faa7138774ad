import type { Marker } from '../MarkerBook.ts';
import { needlesOf, type Needle } from './needles.ts';

const blockBytes = 2;

/**
 * Finds any of many needles in one pass over the bytes (Wu and Manber, "A fast algorithm for multi-pattern searching", 1994): by the
 * two bytes at the end of a window it knows how far the next needle is away at the least.
 */
export class Searcher {
  readonly #windowBytes: number;
  readonly #shifts: Uint8Array;
  readonly #endingWith = new Map<number, Needle[]>();
  /** So many bytes of one piece must be given again with the next, or a needle that lies across the two is missed. */
  readonly overlapBytes: number;

  constructor(markers: readonly Marker[]) {
    const needles = needlesOf(markers);
    this.#windowBytes = Math.min(...needles.map(({ bytes }) => bytes.length));
    this.overlapBytes = Math.max(...needles.map(({ bytes }) => bytes.length)) - 1;
    this.#shifts = new Uint8Array(0x1_0000).fill(this.#windowBytes - blockBytes + 1);
    for (const needle of needles) this.#add(needle);
  }

  /** Each marker that is in there, with the way in which it is written. */
  search(bytes: Uint8Array, found: (marker: Marker, form: string) => void): void {
    const shifts = this.#shifts;
    for (let end = this.#windowBytes - 1; end < bytes.length;) {
      const block = ((bytes[end - 1] ?? 0) << 8) | (bytes[end] ?? 0);
      const shift = shifts[block] ?? 1;
      if (shift === 0) this.#compare(bytes, end, block, found);
      end += shift === 0 ? 1 : shift;
    }
  }

  #add(needle: Needle): void {
    const { bytes } = needle;
    for (let end = blockBytes - 1; end < this.#windowBytes; end += 1) {
      const block = ((bytes[end - 1] ?? 0) << 8) | (bytes[end] ?? 0);
      const shift = this.#windowBytes - 1 - end;
      this.#shifts[block] = Math.min(this.#shifts[block] ?? 0, shift);
      if (shift > 0) continue;
      const others = this.#endingWith.get(block);
      if (others === undefined) this.#endingWith.set(block, [needle]);
      else others.push(needle);
    }
  }

  #compare(
    bytes: Uint8Array,
    end: number,
    block: number,
    found: (marker: Marker, form: string) => void,
  ): void {
    const start = end - this.#windowBytes + 1;
    for (const { marker, form, bytes: needle } of this.#endingWith.get(block) ?? []) {
      if (start + needle.length > bytes.length) continue;
      let matched = 0;
      while (matched < needle.length && bytes[start + matched] === needle[matched]) matched += 1;
      if (matched === needle.length) found(marker, form);
    }
  }
}
