import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Limiter } from '#media/mixer/audio/limiter.ts';
import { toneDb } from '#test/support/tones.ts';

const frame = 960;

/** A sine that may exceed full scale (`amplitude` 1), limited frame by frame. */
function limited(limiter: Limiter, amplitude: number, frames: number): Int16Array {
  const all = new Int16Array(frames * frame);
  const sum = new Int32Array(frame);
  const out = new Int16Array(frame);
  for (let index = 0; index < frames; index += 1) {
    for (let sample = 0; sample < frame; sample += 1) {
      const at = index * frame + sample;
      sum[sample] = Math.round(32767 * amplitude * Math.sin((2 * Math.PI * 500 * at) / 48000));
    }
    limiter.process(sum, out);
    all.set(out, index * frame);
  }
  return all;
}

function peakOf(pcm: Int16Array): number {
  return pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

test('what fits is not changed by a single bit', () => {
  const limiter = new Limiter();
  const sum = Int32Array.from({ length: frame }, (_, index) => (index * 37) % 30_000);
  const out = new Int16Array(frame);
  limiter.process(sum, out);
  expect([...out]).toEqual([...sum]);
});

test('six voices at full scale do not clip, and the mix stays a sine', () => {
  const limiter = new Limiter();
  limited(limiter, 1, 5);
  const loud = limited(limiter, 6, 50);
  const settled = loud.subarray(5 * frame);
  expect(peakOf(settled)).toBeLessThanOrEqual(30_901);
  expect(peakOf(settled)).toBeGreaterThan(29_000);
  // The third harmonic is what clipping makes.
  expect(toneDb(settled, 48000, 1500)).toBeLessThan(-50);
});

test('the gain comes back gently: not within a frame, but within two seconds', () => {
  const limiter = new Limiter();
  limited(limiter, 4, 10);
  const low = limiter.gain;
  expect(low).toBeLessThan(0.3);
  limited(limiter, 0.1, 1);
  expect(limiter.gain / low).toBeLessThan(1.06);
  limited(limiter, 0.1, 100);
  expect(limiter.gain).toBe(1);
});

test('a gain change is no step: neighbouring samples stay close', () => {
  const limiter = new Limiter();
  const pcm = Int16Array.from([...limited(limiter, 0.9, 3), ...limited(limiter, 3, 3)]);
  const steepest = 32767 * 3 * ((2 * Math.PI * 500) / 48000);
  for (let at = 1; at < pcm.length; at += 1) {
    expect(Math.abs((pcm[at] ?? 0) - (pcm[at - 1] ?? 0))).toBeLessThan(steepest * 1.5);
  }
});

test('no sum makes it wrap: the sign of every sample stays', () => {
  const sums = fc.array(fc.integer({ min: -5_000_000, max: 5_000_000 }), {
    minLength: frame,
    maxLength: frame,
  });
  fc.assert(
    fc.property(fc.array(sums, { minLength: 1, maxLength: 3 }), (frames) => {
      const limiter = new Limiter();
      const out = new Int16Array(frame);
      for (const values of frames) {
        limiter.process(Int32Array.from(values), out);
        for (const [at, value] of values.entries()) {
          if (Math.sign(out[at] ?? 0) * Math.sign(value) < 0) throw new Error(`sample ${at} wrapped`);
        }
      }
    }),
    { numRuns: 20 },
  );
});
