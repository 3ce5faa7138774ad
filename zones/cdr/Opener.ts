import { join } from 'node:path';
import { Decrypter } from 'age-encryption';
import { ZonebridgeError } from '#kernel/index.ts';
import { keyFile } from './DayKeys.ts';
import { contentOf } from './files.ts';
import { recordSchema, type CallRecord } from './schema.ts';

/** With which every age file begins. */
const ageHead = Buffer.from('age-encryption.org/v1\n');

/** Opens what was sealed for the owner, where the owner has his key. */
export class Opener {
  readonly #folder: string;
  readonly #identity: string;
  readonly #days = new Map<string, Promise<Decrypter | undefined>>();

  /** `folder`: of day keys. `identity`: text of an age identity file of the owner. Throws `invalid-argument`. */
  constructor(folder: string, identity: string) {
    this.#folder = folder;
    const line = identity.split('\n').find((each) => each.startsWith('AGE-SECRET-KEY-'));
    if (line === undefined) {
      throw new ZonebridgeError(
        'invalid-argument',
        'the identity file holds no AGE-SECRET-KEY-…; make one with age-keygen',
      );
    }
    this.#identity = line.trim();
  }

  /** Undefined when the day's key is gone. Throws `forbidden` when this identity does not open that. */
  async open(record: {
    readonly day: string;
    readonly key: number;
    readonly sealed: Uint8Array;
  }): Promise<CallRecord | undefined> {
    const { day, key, sealed } = record;
    const name = keyFile(day, key);
    const known = this.#days.get(name) ?? this.#dayOf(name);
    this.#days.set(name, known);
    const decrypter = await known;
    if (decrypter === undefined) return undefined;
    const text = await decrypter.decrypt(sealed, 'text');
    return recordSchema.parse(JSON.parse(text));
  }

  async #dayOf(name: string): Promise<Decrypter | undefined> {
    const sealed = await contentOf(join(this.#folder, name));
    // A purge that was cut off may have overwritten it already.
    if (sealed?.subarray(0, ageHead.length).equals(ageHead) !== true) return undefined;
    const owner = new Decrypter();
    owner.addIdentity(this.#identity);
    const identity = await owner.decrypt(sealed, 'text').catch((cause: unknown) => {
      throw new ZonebridgeError(
        'forbidden',
        `this identity does not open ${name}; it is none of the zone’s recipients`,
        { cause },
      );
    });
    const day = new Decrypter();
    day.addIdentity(identity.trim());
    return day;
  }
}
