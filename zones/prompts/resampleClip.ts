import type { Clip } from './wav.ts';

/** Zero crossings of the sinc on each side of its middle. */
const crossings = 16;
/** Of the narrower band: room for the filter's slope. */
const passBand = 0.95;

/**
 * The clip at another rate, by a polyphase filter of Hann-windowed sincs. All of it at once, before it is needed: what happens in a
 * call is resampled in `media/mixer`.
 */
export function resampleClip({ sampleRateHz, samples }: Clip, toHz: number): Clip {
  if (sampleRateHz === toHz) return { sampleRateHz, samples };
  const common = greatestCommonDivisor(sampleRateHz, toHz);
  const [up, down] = [toHz / common, sampleRateHz / common];
  const cutoff = Math.min(1, toHz / sampleRateHz) * passBand;
  const half = Math.ceil(crossings / cutoff);
  const kernels = new Map<number, Float64Array>();
  const out = new Int16Array(Math.ceil((samples.length * up) / down));
  for (let index = 0; index < out.length; index += 1) {
    const middle = Math.floor((index * down) / up);
    const phase = (index * down) % up;
    let kernel = kernels.get(phase);
    if (kernel === undefined) kernels.set(phase, (kernel = kernelOf(phase / up, cutoff, half)));
    let sum = 0;
    for (let tap = 0; tap < kernel.length; tap += 1)
      sum += (kernel[tap] ?? 0) * (samples[middle - half + 1 + tap] ?? 0);
    out[index] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  return { sampleRateHz: toHz, samples: out };
}

/** Weights of the samples around a point that lies `phase` of the way from one to the next; they sum up to 1. */
function kernelOf(phase: number, cutoff: number, half: number): Float64Array {
  const kernel = new Float64Array(2 * half);
  let sum = 0;
  for (let tap = 0; tap < kernel.length; tap += 1) {
    const x = tap - half + 1 - phase;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
    const value = sinc * Math.cos((Math.PI * x) / (2 * half)) ** 2;
    kernel[tap] = value;
    sum += value;
  }
  return kernel.map((value) => value / sum);
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
