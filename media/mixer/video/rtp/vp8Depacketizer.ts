import { verdict, type Depacketizer, type Verdict } from './depacketizer.ts';
import type { FrameBuffer } from './frameBuffer.ts';

const highestTemporalLayer = 3;

/**
 * RFC 7741. With temporal layers and TL0PICIDX (§4.2) it is known what a frame refers to, so a lost frame of an upper layer
 * costs no key frame.
 */
export class Vp8Depacketizer implements Depacketizer {
  readonly #frame: FrameBuffer;
  #first = true;
  #keyFrame = false;
  /** Of the packet that was read last. */
  #descriptorBytes = 0;
  #starts = false;
  /** -1 when the stream does not tell. */
  #layerIndex = -1;
  #temporalLayer = 0;
  #layerSync = false;
  /** TL0PICIDX of the last whole frame of the base layer; -1 when unknown. */
  #baseIndex = -1;
  #lossPending = false;
  /** Up to this layer nothing is missing. */
  #intactLayer = highestTemporalLayer;

  constructor(frame: FrameBuffer) {
    this.#frame = frame;
  }

  begin(): void {
    this.#first = true;
    this.#keyFrame = false;
  }

  add(data: Uint8Array, offset: number, length: number): boolean {
    if (!this.#readDescriptor(data, offset, length) || this.#starts !== this.#first) return false;
    const at = offset + this.#descriptorBytes;
    // RFC 7741 §4.3: P is 0 in a key frame.
    if (this.#first) this.#keyFrame = ((data[at] ?? 0) & 0x01) === 0;
    this.#first = false;
    return this.#frame.append(data, at, length - this.#descriptorBytes);
  }

  end(): Verdict {
    if (this.#first) return verdict.empty;
    if (this.#keyFrame) {
      this.#baseIndex = this.#layerIndex;
      this.#lossPending = false;
      this.#intactLayer = highestTemporalLayer;
      return verdict.key;
    }
    if (this.#lossPending && !this.#isBaseIntact()) {
      this.#baseIndex = -1;
      return verdict.broken;
    }
    this.#lossPending = false;
    if (this.#layerSync && this.#temporalLayer > this.#intactLayer) this.#intactLayer = this.#temporalLayer;
    if (this.#temporalLayer > this.#intactLayer) return verdict.unusable;
    if (this.#temporalLayer === 0) this.#baseIndex = this.#layerIndex;
    return verdict.delta;
  }

  lose(): boolean {
    this.#lossPending = true;
    this.#intactLayer = 0;
    return this.#baseIndex !== -1;
  }

  reset(): void {
    this.#baseIndex = -1;
  }

  /** No frame of the base layer is among what was lost before this frame. */
  #isBaseIntact(): boolean {
    if (this.#baseIndex === -1 || this.#layerIndex === -1) return false;
    const expected = this.#temporalLayer === 0 ? (this.#baseIndex + 1) & 0xff : this.#baseIndex;
    return this.#layerIndex === expected;
  }

  /** §4.2. False when the payload ends within or right after its descriptor. */
  #readDescriptor(data: Uint8Array, offset: number, length: number): boolean {
    const first = data[offset] ?? 0;
    this.#starts = (first & 0x17) === 0x10;
    this.#layerIndex = -1;
    this.#temporalLayer = 0;
    this.#layerSync = false;
    let size = 1;
    if ((first & 0x80) !== 0) {
      const extension = data[offset + 1] ?? 0;
      size = 2;
      if ((extension & 0x80) !== 0) size += ((data[offset + size] ?? 0) & 0x80) !== 0 ? 2 : 1;
      const layered = (extension & 0x60) === 0x60;
      if ((extension & 0x40) !== 0) {
        if (layered) this.#layerIndex = data[offset + size] ?? 0;
        size += 1;
      }
      if ((extension & 0x30) !== 0) {
        const layer = data[offset + size] ?? 0;
        if (layered) {
          this.#temporalLayer = layer >> 6;
          this.#layerSync = (layer & 0x20) !== 0;
        }
        size += 1;
      }
    }
    this.#descriptorBytes = size;
    return size < length;
  }
}
