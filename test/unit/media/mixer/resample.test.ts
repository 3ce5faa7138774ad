import { expect, test } from 'vitest';
import { Downsampler, Upsampler } from '#media/mixer/audio/resample.ts';
import { sine, toneDb } from '#test/support/tones.ts';

const frames = 50;

function up(rateHz: 8000 | 16000, hz: number): Int16Array {
  const size = rateHz / 50;
  const upsampler = new Upsampler(rateHz, size);
  const all = new Int16Array(frames * 960);
  const out = new Int16Array(960);
  for (let index = 0; index < frames; index += 1) {
    upsampler.process(sine(hz, rateHz, size, 0.5, index * size), out);
    all.set(out, index * 960);
  }
  return all.subarray(960);
}

function down(rateHz: 8000 | 16000, hz: number): Int16Array {
  const size = rateHz / 50;
  const downsampler = new Downsampler(rateHz, 960);
  const all = new Int16Array(frames * size);
  const out = new Int16Array(size);
  for (let index = 0; index < frames; index += 1) {
    downsampler.process(sine(hz, 48000, 960, 0.5, index * 960), out);
    all.set(out, index * size);
  }
  return all.subarray(size);
}

test.each([
  [8000, 300],
  [8000, 3000],
  [16000, 300],
  [16000, 6500],
] as const)('a tone from %d Hz at %d Hz keeps its level and has no image', (rateHz, hz) => {
  const pcm = up(rateHz, hz);
  expect(toneDb(pcm, 48000, hz)).toBeCloseTo(-6, 0);
  expect(toneDb(pcm, 48000, rateHz - hz)).toBeLessThan(-66);
  expect(toneDb(pcm, 48000, rateHz + hz)).toBeLessThan(-66);
});

test.each([
  [8000, 300],
  [8000, 3000],
  [16000, 6500],
] as const)('a tone goes down to %d Hz at %d Hz with its level', (rateHz, hz) => {
  expect(toneDb(down(rateHz, hz), rateHz, hz)).toBeCloseTo(-6, 0);
});

test.each([
  [8000, 5000, 3000],
  [8000, 7500, 500],
  [16000, 9500, 6500],
  [16000, 15_000, 1000],
] as const)('what %d Hz cannot carry, %d Hz, does not fold down to %d Hz', (rateHz, hz, foldedHz) => {
  expect(toneDb(down(rateHz, hz), rateHz, foldedHz)).toBeLessThan(-66);
});

test('full scale does not wrap', () => {
  const upsampler = new Upsampler(8000, 160);
  const out = new Int16Array(960);
  const square = Int16Array.from({ length: 160 }, (_, index) => (index % 40 < 20 ? 32767 : -32768));
  upsampler.process(square, out);
  upsampler.process(square, out);
  // In the middle of each half of the square the sign is its own.
  for (let half = 1; half < 7; half += 1) {
    expect(Math.sign(out[half * 120 + 60 + 96] ?? 0)).toBe(half % 2 === 0 ? 1 : -1);
  }
});
