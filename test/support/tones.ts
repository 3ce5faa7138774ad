/** Tones as 16-bit samples: made, and found again by the Goertzel algorithm. */

/** A sine of `amplitude` (full scale is 1) that goes on from sample `from`, so that pieces join without a click. */
export function sine(
  hz: number,
  sampleRateHz: number,
  samples: number,
  amplitude = 0.25,
  from = 0,
): Int16Array {
  const step = (2 * Math.PI * hz) / sampleRateHz;
  return Int16Array.from({ length: samples }, (_, index) =>
    Math.round(32767 * amplitude * Math.sin((from + index) * step)),
  );
}

/** Level of one tone, dB below a full-scale sine; -120 for none. */
export function toneDb(pcm: Int16Array, sampleRateHz: number, hz: number): number {
  if (pcm.length === 0) return -120;
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz);
  let before = 0;
  let last = 0;
  for (const sample of pcm) {
    const next = sample / 32768 + coefficient * last - before;
    before = last;
    last = next;
  }
  const power = last * last + before * before - coefficient * last * before;
  return Math.max(-120, 10 * Math.log10(Math.max(power, 1e-15) / (pcm.length / 2) ** 2));
}

/** Share of frames in which the tone stands over `thresholdDb`. */
export function tonePresence(
  pcm: Int16Array,
  sampleRateHz: number,
  hz: number,
  thresholdDb: number,
  frameMs = 20,
): number {
  const size = (sampleRateHz * frameMs) / 1000;
  const frames = Math.floor(pcm.length / size);
  let present = 0;
  for (let frame = 0; frame < frames; frame += 1) {
    if (toneDb(pcm.subarray(frame * size, (frame + 1) * size), sampleRateHz, hz) > thresholdDb) present += 1;
  }
  return frames === 0 ? 0 : present / frames;
}
