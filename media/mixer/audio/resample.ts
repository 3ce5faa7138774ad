import { mixRateHz } from './codecs.ts';

/** Taps of a low-pass at the mix rate, as an integral multiple of every factor: 65 dB and better from the band edge on. */
const taps = 192;
const kaiserBeta = 6.5;

/** Kaiser-windowed sinc with its -6 dB point at `cutoffHz`; the taps sum up to 1. */
function lowPass(cutoffHz: number): Float32Array {
  const middle = (taps - 1) / 2;
  const kernel = new Float64Array(taps);
  let sum = 0;
  for (let index = 0; index < taps; index += 1) {
    const x = (2 * Math.PI * cutoffHz * (index - middle)) / mixRateHz;
    const window = bessel0(kaiserBeta * Math.sqrt(1 - ((index - middle) / middle) ** 2));
    const value = (Math.sin(x) / x) * window;
    kernel[index] = value;
    sum += value;
  }
  return Float32Array.from(kernel, (value) => value / sum);
}

/** Modified Bessel function of the first kind, order zero. */
function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let index = 1; index < 40; index += 1) {
    term *= (x / (2 * index)) ** 2;
    sum += term;
  }
  return sum;
}

/** The band of a codec's sample rate, with room for the filter's slope: 3.7 kHz at 8 kHz, 7.6 kHz at 16 kHz. */
function cutoffOf(sampleRateHz: number): number {
  return sampleRateHz * (sampleRateHz > 8000 ? 0.475 : 0.4625);
}

function clamp16(value: number): number {
  return value > 32767 ? 32767 : value < -32768 ? -32768 : value;
}

/** From a codec's 8 or 16 kHz up to the mix rate by a polyphase filter; 2 ms of delay. */
export class Upsampler {
  readonly #factor: number;
  readonly #perPhase: number;
  /** Phase by phase, newest sample's tap first. */
  readonly #kernel: Float32Array;
  /** The last `perPhase - 1` samples of the frame before, then the frame. */
  readonly #samples: Float32Array;

  constructor(sampleRateHz: 8000 | 16000, frameSamples: number) {
    this.#factor = mixRateHz / sampleRateHz;
    this.#perPhase = taps / this.#factor;
    const prototype = lowPass(cutoffOf(sampleRateHz));
    this.#kernel = new Float32Array(taps);
    for (let phase = 0; phase < this.#factor; phase += 1) {
      for (let tap = 0; tap < this.#perPhase; tap += 1) {
        const value = prototype[phase + tap * this.#factor] ?? 0;
        this.#kernel[phase * this.#perPhase + tap] = value * this.#factor;
      }
    }
    this.#samples = new Float32Array(this.#perPhase - 1 + frameSamples);
  }

  reset(): void {
    this.#samples.fill(0);
  }

  /** Fills `out` with the frame at the mix rate. */
  process(frame: Int16Array, out: Int16Array): void {
    const past = this.#perPhase - 1;
    const samples = this.#samples;
    const kernel = this.#kernel;
    for (let index = 0; index < frame.length; index += 1) samples[past + index] = frame[index] ?? 0;
    let to = 0;
    for (let index = past; index < past + frame.length; index += 1) {
      for (let start = 0; start < taps; start += this.#perPhase) {
        let sum = 0;
        for (let tap = 0; tap <= past; tap += 1)
          sum += (kernel[start + tap] ?? 0) * (samples[index - tap] ?? 0);
        out[to] = clamp16(sum);
        to += 1;
      }
    }
    samples.copyWithin(0, frame.length);
  }
}

/** From the mix rate down to a codec's 8 or 16 kHz; 2 ms of delay. */
export class Downsampler {
  readonly #factor: number;
  readonly #kernel: Float32Array;
  readonly #samples: Float32Array;

  constructor(sampleRateHz: 8000 | 16000, frameSamples: number) {
    this.#factor = mixRateHz / sampleRateHz;
    this.#kernel = lowPass(cutoffOf(sampleRateHz));
    this.#samples = new Float32Array(taps - 1 + frameSamples);
  }

  reset(): void {
    this.#samples.fill(0);
  }

  /** Fills `out` with the frame at the codec's rate. */
  process(frame: Int16Array, out: Int16Array): void {
    const past = taps - 1;
    const samples = this.#samples;
    const kernel = this.#kernel;
    for (let index = 0; index < frame.length; index += 1) samples[past + index] = frame[index] ?? 0;
    for (let index = 0; index < out.length; index += 1) {
      const newest = past + index * this.#factor;
      // The kernel is symmetric, so its direction does not matter.
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) sum += (kernel[tap] ?? 0) * (samples[newest - tap] ?? 0);
      out[index] = clamp16(sum);
    }
    samples.copyWithin(0, frame.length);
  }
}
