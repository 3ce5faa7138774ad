/** In the mixer's process at a time; a minute of sound is 6 MB. */
const mostSounds = 32;

/** What the mixer's process needs to be told with a prompt, so that the same samples cross to it once. */
export interface SoundMessage {
  readonly sound: number;
  /** In base64, since what crosses is JSON; absent where the process has it. */
  readonly samples?: string;
  /** The process is not to keep this one any longer. */
  readonly forget?: number;
}

/** The sounds that the mixer's process has, as its owner knows. Samples are known by their array, and never change. */
export class Sounds {
  readonly #numbers = new WeakMap<Int16Array, number>();
  /** The one that was not played for longest first. */
  readonly #known = new Set<number>();
  #last = 0;

  message(samples: Int16Array): SoundMessage {
    const sound = this.#numbers.get(samples) ?? (this.#last += 1);
    this.#numbers.set(samples, sound);
    const known = this.#known.delete(sound);
    this.#known.add(sound);
    if (known) return { sound };
    const [oldest] = this.#known;
    const full = this.#known.size > mostSounds && oldest !== undefined;
    if (full) this.#known.delete(oldest);
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    return { sound, samples: bytes.toString('base64'), ...(full ? { forget: oldest } : {}) };
  }

  /** It did not get there, as far as is known. */
  lost({ sound }: SoundMessage): void {
    this.#known.delete(sound);
  }

  /** Another process: it has none. */
  clear(): void {
    this.#known.clear();
  }
}
