import type { Recording } from './Chromium.ts';

/** Tones that are no multiples of each other, so that one's distortion is not taken for another. */
export const tonesHz = [440, 620, 1010, 1370, 1730] as const;

/** Level of one tone in a recording, dBFS of a full-scale sine, by the Goertzel algorithm over the whole of it. */
export function toneLevelDb({ sampleRateHz, samples }: Recording, toneHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * toneHz) / sampleRateHz);
  let before = 0;
  let last = 0;
  for (const sample of samples) {
    const next = sample + coefficient * last - before;
    before = last;
    last = next;
  }
  const power = last * last + before * before - coefficient * last * before;
  return 10 * Math.log10(Math.max(power, 1e-12) / (samples.length / 2) ** 2);
}

/** Levels of all tones, rounded, for an assertion's message. */
export function levels(recording: Recording, tones: readonly number[]): Record<number, number> {
  return Object.fromEntries(tones.map((tone) => [tone, Math.round(toneLevelDb(recording, tone))]));
}

/** Share of 100 ms windows in which the tone stands over `thresholdDb`. */
export function presence({ sampleRateHz, samples }: Recording, toneHz: number, thresholdDb: number): number {
  const size = Math.round(sampleRateHz / 10);
  const windows = Math.floor(samples.length / size);
  let present = 0;
  for (let index = 0; index < windows; index += 1) {
    const window = { sampleRateHz, samples: samples.subarray(index * size, (index + 1) * size) };
    if (toneLevelDb(window, toneHz) > thresholdDb) present += 1;
  }
  return windows === 0 ? 0 : present / windows;
}
