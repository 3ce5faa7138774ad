/**
 * Time scaling and repetition by waveform similarity (as WSOLA does): pieces are cut out, put in or repeated at the
 * lag at which the signal resembles itself most, and joined with a cross-fade.
 */

/** Millisecond grid on which all lengths stand: lags of 2.5 to 10 ms (400 to 100 Hz), joints of 5 ms. */
const leastLagMs = 2.5;
const mostLagMs = 10;
const jointMs = 5;

/** What `shorten` and `lengthen` need at `start`: the longest lag and a joint. */
export function spliceSpan(sampleRateHz: number): number {
  return ((mostLagMs + jointMs) * sampleRateHz) / 1000;
}

/**
 * Lag in samples at which the 5 ms of `pcm` from `start` on resemble those one lag after (`direction` 1) or before
 * (-1) most.
 */
export function similarLag(pcm: Int16Array, start: number, direction: 1 | -1, sampleRateHz: number): number {
  const joint = (jointMs * sampleRateHz) / 1000;
  const most = (mostLagMs * sampleRateHz) / 1000;
  const stride = sampleRateHz > 16000 ? 3 : 1;
  let best = most;
  let bestScore = -Infinity;
  for (let lag = (leastLagMs * sampleRateHz) / 1000; lag <= most; lag += 1) {
    let product = 0;
    let power = 1;
    for (let index = 0; index < joint; index += stride) {
      const there = pcm[start + direction * lag + index] ?? 0;
      product += (pcm[start + index] ?? 0) * there;
      power += there * there;
    }
    // Normalized correlation; its sign matters, its scale over `start`'s own power does not.
    const score = product / Math.sqrt(power);
    if (score > bestScore) {
      bestScore = score;
      best = lag;
    }
  }
  return best;
}

/** Takes one lag out of `pcm` at `start`. The new length; `length - start` must be `spliceSpan` at least. */
export function shorten(pcm: Int16Array, start: number, length: number, sampleRateHz: number): number {
  const lag = similarLag(pcm, start, 1, sampleRateHz);
  const joint = (jointMs * sampleRateHz) / 1000;
  for (let index = 0; index < joint; index += 1) {
    const at = start + index;
    pcm[at] = fade(pcm[at] ?? 0, pcm[at + lag] ?? 0, index / joint);
  }
  pcm.copyWithin(start + joint, start + joint + lag, length);
  return length - lag;
}

/** Repeats one lag of `pcm` at `start`. The new length; asks for what `shorten` does, and room for 10 ms more. */
export function lengthen(pcm: Int16Array, start: number, length: number, sampleRateHz: number): number {
  const lag = similarLag(pcm, start, 1, sampleRateHz);
  const joint = (jointMs * sampleRateHz) / 1000;
  pcm.copyWithin(start + lag, start, length);
  // Now the piece stands at `start` and again at `start + lag`: the first copy runs on into the second.
  for (let index = 0; index < joint; index += 1) {
    const at = start + lag + index;
    pcm[at] = fade(pcm[at + lag] ?? 0, pcm[at] ?? 0, index / joint);
  }
  return length + lag;
}

/** From `a` to `b` as `share` goes from 0 to 1. */
export function fade(a: number, b: number, share: number): number {
  return Math.round(a + (b - a) * share);
}
