import { headText, type SigningKey } from './SigningKey.ts';
import type { RecordStore } from './store.ts';

/** Signs the end of the chain: where a day ends, and where the zone stops. */
export class HeadSigner {
  readonly #store: RecordStore;
  readonly #key: SigningKey;
  #signing: Promise<unknown> = Promise.resolve();
  /** Which record was the last when it was signed. */
  #signed = 0;

  constructor(store: RecordStore, key: SigningKey) {
    this.#store = store;
    this.#key = key;
  }

  /** Of the last record, unless that was done; also the one that a process that died left unsigned. */
  sign(): Promise<void> {
    return this.#inTurn(() => this.#sign());
  }

  /** The same when the last record is of a day before this one: nobody may come for long who would end that day. */
  signBefore(day: string): Promise<void> {
    return this.#inTurn(async () => {
      const last = await this.#store.last();
      if (last.day !== undefined && last.day < day && last.sequence !== this.#signed) await this.#sign();
    });
  }

  /** One after the other: after the last one the store is asked for nothing any more. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#signing.then(work);
    this.#signing = done.catch(() => undefined);
    return done;
  }

  async #sign(): Promise<void> {
    const { day, sequence, hash } = await this.#store.last();
    if (day === undefined) return;
    const signed = (await this.#store.heads()).at(-1);
    if (signed?.sequence !== sequence) {
      const head = { day, sequence, hash, signedAt: new Date().toISOString() };
      await this.#store.addHead({ ...head, signature: this.#key.sign(headText(head)) });
    }
    this.#signed = sequence;
  }
}
