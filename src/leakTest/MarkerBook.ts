import { randomInt } from 'node:crypto';

/** Who plants markers, and the zone that may know him. */
export interface Caller {
  readonly name: string;
  /** Undefined: no zone ever sees what he sends. */
  readonly zone: string | undefined;
}

/** A random text that stands in one field of one caller and nowhere else. */
export interface Marker {
  readonly value: string;
  /** As the table names it. */
  readonly field: string;
  readonly caller: Caller;
}

/** Long enough that no chance makes it, and still found when its ends are cut off (see `search/needles.ts`). */
const letters = { count: 20, alphabet: 'abcdefghijklmnopqrstuvwxyz0123456789' } as const;
/** The longest PIN that there is. */
const digits = { count: 16, alphabet: '0123456789' } as const;

/** All the markers of one run. */
export class MarkerBook {
  readonly #markers: Marker[] = [];
  readonly #numbers: Marker[] = [];

  /** With those that are no text, which the search cannot look for. */
  get all(): readonly Marker[] {
    return [...this.#markers, ...this.#numbers];
  }

  get markers(): readonly Marker[] {
    return this.#markers;
  }

  /** Text for a field of a caller; begins with a letter, so that it is a token, a user and a host label. */
  plant(field: string, caller: Caller): string {
    return this.#plant(field, caller, `m${random(letters.alphabet, letters.count - 1)}`);
  }

  /** The same where only digits can be said. */
  plantDigits(field: string, caller: Caller): string {
    return this.#plant(field, caller, random(digits.alphabet, digits.count));
  }

  /** Where a caller calls from: any address of 127.0.0.0/8 is of this machine. */
  plantAddress(field: string, caller: Caller): string {
    const byte = (): number => randomInt(100, 255);
    return this.#plant(field, caller, `127.${byte()}.${byte()}.${byte()}`);
  }

  /** A number of 32 bits, which anything else may hold by chance; where it could be is compared one by one. */
  noteNumber(field: string, caller: Caller, value: number): Marker {
    const marker = { value: String(value), field, caller };
    this.#numbers.push(marker);
    return marker;
  }

  #plant(field: string, caller: Caller, value: string): string {
    this.#markers.push({ value, field, caller });
    return value;
  }
}

function random(alphabet: string, count: number): string {
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('');
}
