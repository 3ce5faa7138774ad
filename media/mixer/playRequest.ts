import { ZonebridgeError } from '#kernel/index.ts';
import type { SoundMessage } from './Sounds.ts';

interface Play {
  readonly id: string;
  /** Unique for the life of the host's handle on the mixer. */
  readonly promptId: number;
}

/** As it crosses to the mixer's process. */
export interface PlayMessage extends Play, SoundMessage {}

/** As it crosses to the audio thread: shared, so that nothing is copied there. */
export interface PlayRequest extends Play, Omit<SoundMessage, 'samples'> {
  /** 16-bit, at the mix rate. */
  readonly samples?: SharedArrayBuffer;
}

export function toPlayRequest({ samples, ...rest }: PlayMessage): PlayRequest {
  if (samples === undefined) return rest;
  const bytes = Buffer.from(samples, 'base64');
  const shared = new SharedArrayBuffer(bytes.length & ~1);
  new Uint8Array(shared).set(bytes.subarray(0, shared.byteLength));
  return { ...rest, samples: shared };
}

/** The samples of a request, and of those before that it may name. Throws `invalid-argument` for a sound that never came. */
export class SoundStore {
  readonly #sounds = new Map<number, Int16Array>();

  take({ sound, samples, forget }: PlayRequest): Int16Array {
    if (forget !== undefined) this.#sounds.delete(forget);
    if (samples !== undefined) this.#sounds.set(sound, new Int16Array(samples));
    const found = this.#sounds.get(sound);
    if (found === undefined) throw new ZonebridgeError('invalid-argument', `the mixer has no sound ${sound}`);
    return found;
  }
}
