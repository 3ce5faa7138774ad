import type { VideoCodecName } from '#kernel/index.ts';
import { findStartCode, nal, startCodeBytes } from './annexB.ts';

/** The two bytes before a fragment of a NAL unit: FU indicator and FU header (RFC 6184 §5.8). */
const fragmentHeaderBytes = 2;
/** More packets than a frame of 2 MiB has. A frame of more pieces than that is made to be one. */
const mostPieces = 4096;

/** One encoded frame and how it is cut into packets: computed once, for all streams that it goes into. */
export class PacketizedFrame {
  codec: VideoCodecName = 'VP8';
  data: Uint8Array = new Uint8Array(0);
  /** Packets of the frame; 0 when it has nothing to send, or is cut into absurdly many NAL units. */
  count = 0;
  /** Where each piece stands in `data`. */
  offsets = new Int32Array(64);
  lengths = new Int32Array(64);
  /** FU indicator and FU header of a piece that is a fragment, as 16 bits; 0 for one that stands for itself. */
  fragmentHeaders = new Int32Array(64);
  /** Some NAL unit did not fit into a packet, so that packetization mode 0 cannot carry the frame. */
  fragmented = false;

  /** `frame` is kept, not copied, until the next frame. H.264: Annex B; access unit delimiters are left out. */
  split(codec: VideoCodecName, frame: Uint8Array, length: number, maxPayloadBytes = 1180): void {
    this.codec = codec;
    this.data = frame;
    this.count = 0;
    this.fragmented = false;
    if (codec === 'VP8') this.#cut(0, length, maxPayloadBytes, 0);
    else this.#splitNalUnits(frame, length, maxPayloadBytes);
    if (this.count > mostPieces) this.count = 0;
  }

  #splitNalUnits(frame: Uint8Array, length: number, maxPayloadBytes: number): void {
    let start = findStartCode(frame, 0, length);
    while (start < length && this.count <= mostPieces) {
      const begin = start + startCodeBytes;
      start = findStartCode(frame, begin, length);
      let end = start;
      // A NAL unit ends in no zero byte: zeros are of the next start code, or trailing (Annex B.1).
      while (end > begin && frame[end - 1] === 0) end -= 1;
      if (end > begin) this.#addNalUnit(frame, begin, end - begin, maxPayloadBytes);
    }
  }

  #addNalUnit(frame: Uint8Array, offset: number, length: number, maxPayloadBytes: number): void {
    const header = frame[offset] ?? 0;
    const type = header & 0x1f;
    if (type === nal.accessUnitDelimiter) return;
    if (length <= maxPayloadBytes) {
      this.#add(offset, length, 0);
      return;
    }
    this.fragmented = true;
    const indicator = (header & 0xe0) | nal.fragment;
    const first = this.count;
    this.#cut(offset + 1, length - 1, maxPayloadBytes - fragmentHeaderBytes, (indicator << 8) | type);
    const last = this.count - 1;
    this.fragmentHeaders[first] = (this.fragmentHeaders[first] ?? 0) | 0x80;
    this.fragmentHeaders[last] = (this.fragmentHeaders[last] ?? 0) | 0x40;
  }

  /** Pieces of almost equal size, so that none is a tiny packet. */
  #cut(offset: number, length: number, most: number, fragmentHeader: number): void {
    const pieces = Math.ceil(length / most);
    let at = offset;
    for (let piece = 0; piece < pieces && this.count <= mostPieces; piece += 1) {
      const size = Math.floor((length * (piece + 1)) / pieces) - (at - offset);
      this.#add(at, size, fragmentHeader);
      at += size;
    }
  }

  #add(offset: number, length: number, fragmentHeader: number): void {
    if (this.count === this.offsets.length) this.#grow();
    this.offsets[this.count] = offset;
    this.lengths[this.count] = length;
    this.fragmentHeaders[this.count] = fragmentHeader;
    this.count += 1;
  }

  #grow(): void {
    this.offsets = grown(this.offsets);
    this.lengths = grown(this.lengths);
    this.fragmentHeaders = grown(this.fragmentHeaders);
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
