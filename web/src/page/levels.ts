const floorDb = -60;
const ceilingDb = -10;

/** Root mean square of samples in -1..1, in dB of full scale; -Infinity for silence. */
export function loudnessDb(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return 10 * Math.log10(sum / samples.length);
}

/** Where a loudness stands on a meter, 0..1. */
export function meterPosition(db: number): number {
  return Math.min(1, Math.max(0, (db - floorDb) / (ceilingDb - floorDb)));
}

/** A meter that jumps up at once and falls slowly, as the eye likes it. */
export function fallSlowly(shown: number, position: number, elapsedMs: number): number {
  return Math.max(position, shown - elapsedMs / 600);
}
