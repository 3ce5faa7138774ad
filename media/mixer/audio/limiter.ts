/** Full scale less 0.5 dB: what a codec adds to a peak must not wrap or clip at the far end. */
const ceiling = 30900;
/** 2.5 ms: within a piece the gain goes straight from one value to the next. */
const pieces = 8;
/** Recovery of 20 dB a second: 0.05 dB a piece. */
const recoveryPerPiece = 10 ** (0.05 / 20);

/**
 * Brings a sum of voices into 16 bits. Where it would exceed full scale the gain falls within 2.5 ms and comes back
 * slowly; below that nothing is changed. It delays nothing: a tick is known as a whole, so the gain falls before the
 * peak wherever the peak is not in the very first piece. What still exceeds is clipped, never wrapped.
 */
export class Limiter {
  #gain = 1;
  readonly #needed = new Float64Array(pieces + 1);

  /** 0..1, at the end of the last frame. */
  get gain(): number {
    return this.#gain;
  }

  reset(): void {
    this.#gain = 1;
  }

  /** Fills `out` from `sum`; both are one frame long, a multiple of 8 samples. */
  process(sum: Int32Array, out: Int16Array): void {
    if (this.#measure(sum) && this.#gain === 1) {
      for (let index = 0; index < out.length; index += 1) out[index] = sum[index] ?? 0;
      return;
    }
    const size = out.length / pieces;
    let gain = this.#gain;
    for (let piece = 0; piece < pieces; piece += 1) {
      // The gain at the joint must do for the pieces on both sides of it.
      const needed = Math.min(this.#needed[piece] ?? 1, this.#needed[piece + 1] ?? 1);
      const next = Math.min(needed, gain * recoveryPerPiece);
      const step = (next - gain) / size;
      const start = piece * size;
      for (let index = 0; index < size; index += 1) {
        gain += step;
        const value = (sum[start + index] ?? 0) * gain;
        out[start + index] = value > 32767 ? 32767 : value < -32768 ? -32768 : value;
      }
      gain = next;
    }
    this.#gain = gain > 0.9999 ? 1 : gain;
  }

  /** The gain that each piece needs; true when none needs less than 1. */
  #measure(sum: Int32Array): boolean {
    const size = sum.length / pieces;
    let fits = true;
    for (let piece = 0; piece < pieces; piece += 1) {
      let peak = 0;
      const end = (piece + 1) * size;
      for (let index = piece * size; index < end; index += 1) {
        const sample = sum[index] ?? 0;
        const magnitude = sample < 0 ? -sample : sample;
        if (magnitude > peak) peak = magnitude;
      }
      this.#needed[piece] = peak > ceiling ? ceiling / peak : 1;
      if (peak > ceiling) fits = false;
    }
    // Nothing is known of the next frame.
    this.#needed[pieces] = 1;
    return fits;
  }
}
