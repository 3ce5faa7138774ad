/** What a frame of digital silence is said to have; also the least that RFC 6464 §3 can say. */
export const silenceDb = -127;

/** RMS level of the first `length` samples relative to full scale (dBov as in RFC 6464 §3), -127..0. */
export function levelDb(pcm: Int16Array, length: number): number {
  let power = 0;
  for (let index = 0; index < length; index += 1) {
    const sample = pcm[index] ?? 0;
    power += sample * sample;
  }
  if (power === 0) return silenceDb;
  return Math.max(silenceDb, 10 * Math.log10(power / (length * 0x40000000)));
}
