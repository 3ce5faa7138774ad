import { expect, test } from 'vitest';
import { Repetition } from '#media/mixer/audio/repetition.ts';
import { lengthen, shorten } from '#media/mixer/audio/splice.ts';
import { sine, toneDb } from '#test/support/tones.ts';

/** The steepest step between neighbours, against that of the sine itself. */
function steepness(pcm: Int16Array, hz: number, rateHz: number): number {
  let steepest = 0;
  for (let at = 1; at < pcm.length; at += 1) {
    steepest = Math.max(steepest, Math.abs((pcm[at] ?? 0) - (pcm[at - 1] ?? 0)));
  }
  return steepest / (32767 * 0.25 * 2 * Math.sin((Math.PI * hz) / rateHz));
}

test.each([8000, 16000, 48000])('a tone at %d Hz is shortened and lengthened without a seam', (rateHz) => {
  for (const hz of [150, 440, 1010]) {
    const frame = rateHz / 50;
    const pcm = new Int16Array(frame * 2);
    pcm.set(sine(hz, rateHz, frame));
    const shorter = shorten(pcm, 0, frame, rateHz);
    expect(frame - shorter).toBeGreaterThanOrEqual(rateHz / 400);
    expect(frame - shorter).toBeLessThanOrEqual(rateHz / 100);
    expect(steepness(pcm.subarray(0, shorter), hz, rateHz)).toBeLessThan(1.15);
    pcm.set(sine(hz, rateHz, frame));
    const longer = lengthen(pcm, 0, frame, rateHz);
    expect(longer - frame).toBeGreaterThanOrEqual(rateHz / 400);
    expect(steepness(pcm.subarray(0, longer), hz, rateHz)).toBeLessThan(1.15);
  }
});

test('a lost frame is filled with what was heard, and joined to what comes after', () => {
  const repetition = new Repetition(8000);
  const pcm = new Int16Array(6 * 160);
  for (let frame = 0; frame < 6; frame += 1) {
    const one = sine(440, 8000, 160, 0.25, frame * 160);
    if (frame === 3) repetition.repeat(one, 160);
    else repetition.heard(one, 160);
    pcm.set(one, frame * 160);
  }
  expect(steepness(pcm, 440, 8000)).toBeLessThan(1.3);
  expect(toneDb(pcm.subarray(3 * 160, 4 * 160), 8000, 440)).toBeCloseTo(-12, 0);
});

test('there is nothing to repeat after silence', () => {
  const repetition = new Repetition(8000);
  repetition.heard(sine(440, 8000, 160), 160);
  repetition.forget();
  const out = sine(440, 8000, 160);
  repetition.repeat(out, 160);
  expect(out.every((sample) => sample === 0)).toBe(true);
});
