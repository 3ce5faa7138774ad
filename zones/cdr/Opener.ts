import { join } from 'node:path';
import { Decrypter } from 'age-encryption';
import { ZonebridgeError } from '#kernel/index.ts';
import { keyFile } from './DayKeys.ts';
import { contentOf } from './files.ts';
import { recordSchema, type CallRecord } from './schema.ts';

/** Opens what was sealed for the owner, where the owner has his key. */
export class Opener {
  readonly #folder: string;
  readonly #identity: string;
  readonly #days = new Map<string, Promise<Decrypter>>();

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

  /** Throws `forbidden` when this key does not open it, `not-found` when the day's key is gone. */
  async open(record: {
    readonly day: string;
    readonly key: number;
    readonly sealed: Uint8Array;
  }): Promise<CallRecord> {
    const { day, key, sealed } = record;
    const name = keyFile(day, key);
    const known = this.#days.get(name) ?? this.#dayOf(name);
    this.#days.set(name, known);
    const text = await (await known).decrypt(sealed, 'text');
    return recordSchema.parse(JSON.parse(text));
  }

  async #dayOf(name: string): Promise<Decrypter> {
    const sealed = await contentOf(join(this.#folder, name));
    if (sealed === undefined) {
      throw new ZonebridgeError(
        'not-found',
        `${name} is not there: its day was purged, or it was not exported`,
      );
    }
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
