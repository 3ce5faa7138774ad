/** A sine of `amplitude` (full scale is 1). */
export function tone(hz: number, sampleRateHz: number, samples: number, amplitude = 0.4): Int16Array {
  const step = (2 * Math.PI * hz) / sampleRateHz;
  return Int16Array.from({ length: samples }, (_, i) => Math.round(32767 * amplitude * Math.sin(i * step)));
}

/** Something like a voice: harmonics of a gliding pitch, in syllables of a quarter of a second. */
export function babble(sampleRateHz: number, samples: number): Int16Array {
  let phase = 0;
  return Int16Array.from({ length: samples }, (_, i) => {
    const seconds = i / sampleRateHz;
    phase += (2 * Math.PI * (140 + 40 * Math.sin(2 * Math.PI * 1.3 * seconds))) / sampleRateHz;
    let sum = 0;
    for (let k = 1; k <= 12; k++) sum += Math.sin(k * phase) / k;
    return Math.round(6000 * sum * Math.sin(2 * Math.PI * 2 * seconds) ** 2);
  });
}

/** How far the part of `pcm` at `hz` stands above all the rest, in dB. */
export function toneToNoiseDb(pcm: Int16Array, hz: number, sampleRateHz: number): number {
  const step = (2 * Math.PI * hz) / sampleRateHz;
  let [cos, sin, energy] = [0, 0, 0];
  for (const [i, sample] of pcm.entries()) {
    cos += sample * Math.cos(i * step);
    sin += sample * Math.sin(i * step);
    energy += sample * sample;
  }
  const toneEnergy = (2 * (cos * cos + sin * sin)) / pcm.length;
  return 10 * Math.log10(toneEnergy / Math.max(energy - toneEnergy, 1));
}

/** How far `wanted` stands above the difference between it and `actual`, in dB. */
export function signalToErrorDb(wanted: Int16Array, actual: Int16Array): number {
  let [signal, error] = [0, 0];
  for (const [i, sample] of wanted.entries()) {
    signal += sample * sample;
    error += (sample - (actual[i] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / Math.max(error, 1));
}
