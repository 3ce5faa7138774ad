/** Samples on their way from packets of any length to ticks. `pcm` from 0 to `length` is what waits. */
export class SampleFifo {
  readonly pcm: Int16Array;
  length = 0;

  constructor(capacity: number) {
    this.pcm = new Int16Array(capacity);
  }

  /** Appends; what finds no room is dropped. */
  push(from: Int16Array, count: number): void {
    const taken = Math.min(count, this.pcm.length - this.length);
    for (let index = 0; index < taken; index += 1) this.pcm[this.length + index] = from[index] ?? 0;
    this.length += taken;
  }

  pushSilence(count: number): void {
    const end = Math.min(this.pcm.length, this.length + count);
    this.pcm.fill(0, this.length, end);
    this.length = end;
  }

  /** Moves `count` samples to the front of `into`. The caller knows that they are there. */
  shift(into: Int16Array, count: number): void {
    for (let index = 0; index < count; index += 1) into[index] = this.pcm[index] ?? 0;
    this.drop(count);
  }

  /** Forgets the first `count` samples. */
  drop(count: number): void {
    this.pcm.copyWithin(0, count, this.length);
    this.length -= count;
  }
}
