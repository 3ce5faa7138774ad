import { copyBytes } from '../../rtp/copyBytes.ts';

const firstBytes = 64 * 1024;
/** A frame that is larger is none: 1080p at the highest quality has a tenth. */
const mostBytes = 2 * 1024 * 1024;

/** Bytes of the frame that is being put together. Grows, and is used again. */
export class FrameBuffer {
  data = new Uint8Array(firstBytes);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** False when the frame becomes too large. */
  append(data: Uint8Array, offset: number, length: number): boolean {
    if (!this.#reserve(length)) return false;
    copyBytes(data, offset, this.data, this.length, length);
    this.length += length;
    return true;
  }

  /** The start code of a NAL unit (ITU-T H.264 Annex B), and its header. */
  appendNalHeader(header: number): boolean {
    if (!this.#reserve(5)) return false;
    const at = this.length;
    this.data[at] = 0;
    this.data[at + 1] = 0;
    this.data[at + 2] = 0;
    this.data[at + 3] = 1;
    this.data[at + 4] = header;
    this.length += 5;
    return true;
  }

  #reserve(more: number): boolean {
    const needed = this.length + more;
    if (needed <= this.data.length) return true;
    if (needed > mostBytes) return false;
    let size = this.data.length * 2;
    while (size < needed) size *= 2;
    const larger = new Uint8Array(size);
    copyBytes(this.data, 0, larger, 0, this.length);
    this.data = larger;
    return true;
  }
}
