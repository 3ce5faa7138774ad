import { mixFrameSamples } from './codecs.ts';

/** The room under a prompt: 14 dB down, so that it is still known to be there. */
const duckedGain = 0.2;
/** A step of the gain each tick: 100 ms from one to the other. */
const gainStep = (1 - duckedGain) / 5;

/** Tells that the prompt of this number is over: it ended, was stopped, or gave way to another. */
export type PromptListener = (promptId: number) => void;

/** What is played to one leg over what it hears of the room, which is quieter meanwhile. */
export class PromptPlayer {
  readonly #onEnd: PromptListener;
  #samples: Int16Array | undefined;
  #id = 0;
  #position = 0;
  #stopping = false;
  /** Of the room, 0..1. */
  #gain = 1;

  constructor(onEnd: PromptListener) {
    this.#onEnd = onEnd;
  }

  /** A prompt plays. */
  get playing(): boolean {
    return this.#samples !== undefined;
  }

  /** The leg does not hear the room as it is. */
  get active(): boolean {
    return this.#samples !== undefined || this.#gain < 1;
  }

  /** In place of the one that plays. `samples` at the mix rate; they are not changed. */
  play(id: number, samples: Int16Array): void {
    this.#end();
    this.#id = id;
    this.#samples = samples;
    this.#position = 0;
    this.#stopping = false;
  }

  /** Fades out within the next frame. */
  stop(): void {
    this.#stopping = true;
  }

  /** What plays ends here and now. */
  close(): void {
    this.#end();
  }

  /** Puts the next frame over `mix`. */
  addTo(mix: Int32Array): void {
    this.#duck(mix);
    const samples = this.#samples;
    if (samples === undefined) return;
    const from = this.#position;
    const count = Math.min(mixFrameSamples, samples.length - from);
    for (let index = 0; index < count; index += 1) {
      const fade = this.#stopping ? 1 - index / mixFrameSamples : 1;
      mix[index] = (mix[index] ?? 0) + (samples[from + index] ?? 0) * fade;
    }
    this.#position = from + count;
    if (this.#stopping || this.#position === samples.length) this.#end();
  }

  /** The gain goes straight from where it was to where it is after this frame, so that nothing clicks. */
  #duck(mix: Int32Array): void {
    const before = this.#gain;
    const after =
      this.#samples === undefined ? Math.min(1, before + gainStep) : Math.max(duckedGain, before - gainStep);
    this.#gain = after > 0.999 ? 1 : after;
    if (before === 1 && this.#gain === 1) return;
    const step = (after - before) / mixFrameSamples;
    let gain = before;
    for (let index = 0; index < mix.length; index += 1) {
      gain += step;
      mix[index] = (mix[index] ?? 0) * gain;
    }
  }

  #end(): void {
    if (this.#samples === undefined) return;
    this.#samples = undefined;
    this.#onEnd(this.#id);
  }
}
