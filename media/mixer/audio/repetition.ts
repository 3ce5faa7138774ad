import { fade, similarLag, spliceSpan } from './splice.ts';

const jointMs = 5;

/**
 * Concealment for codecs that have none of their own (after G.711 appendix I): the last pitch period is repeated,
 * and joined with a cross-fade to what arrives again.
 */
export class Repetition {
  readonly #rateHz: number;
  /** The last `spliceSpan` samples that were heard, oldest first. */
  readonly #past: Int16Array;
  /** While concealing: one period, and where in it the next sample is. */
  #period = 0;
  #phase = 0;

  constructor(sampleRateHz: number) {
    this.#rateHz = sampleRateHz;
    this.#past = new Int16Array(spliceSpan(sampleRateHz));
  }

  /** The decoded samples as they are to be heard: remembers them, and joins them to what was repeated. */
  heard(pcm: Int16Array, count: number): void {
    if (this.#period > 0) {
      const joint = Math.min(count, (jointMs * this.#rateHz) / 1000);
      for (let index = 0; index < joint; index += 1) {
        pcm[index] = fade(this.#nextRepeated(), pcm[index] ?? 0, index / joint);
      }
      this.#period = 0;
    }
    const past = this.#past;
    const kept = Math.max(0, past.length - count);
    past.copyWithin(0, past.length - kept);
    for (let index = kept; index < past.length; index += 1)
      past[index] = pcm[count - past.length + index] ?? 0;
  }

  /** Fills `out` with `count` samples that go on where the last ones ended. */
  repeat(out: Int16Array, count: number): void {
    if (this.#period === 0) {
      const joint = (jointMs * this.#rateHz) / 1000;
      this.#period = similarLag(this.#past, this.#past.length - joint, -1, this.#rateHz);
      this.#phase = 0;
    }
    for (let index = 0; index < count; index += 1) out[index] = this.#nextRepeated();
  }

  /** Silence was heard. */
  forget(): void {
    this.#past.fill(0);
    this.#period = 0;
  }

  #nextRepeated(): number {
    const sample = this.#past[this.#past.length - this.#period + this.#phase] ?? 0;
    this.#phase = (this.#phase + 1) % this.#period;
    return sample;
  }
}
