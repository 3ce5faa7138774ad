import type { VideoStreamStart } from '../../contract.ts';
import { copyBytes } from '../../rtp/copyBytes.ts';
import type { OutgoingPackets } from '../../rtp/outgoing.ts';
import { rtpHeaderBytes, writeRtpHeader } from '../../rtp/packet.ts';
import type { PacketizedFrame } from './PacketizedFrame.ts';

/** RFC 7741 §4.2 with a picture id of 15 bits. */
const vp8DescriptorBytes = 4;
const fragmentHeaderBytes = 2;
const unitsPerMs = 90;
/** Faster than packets of a picture go, so that a stream that starts again within minutes is ahead of where it stopped. */
const sequenceStepsPerMs = 0.5;
const pictureIdsPerMs = 1 / 30;

/** One outgoing stream of pictures: SSRC, sequence and picture id go on whatever encoding is written into it. */
export class OutboundVideoStream {
  ssrc: number;
  port: number;
  /** Sent under the present SSRC, for sender reports; octets of payload only (RFC 3550 §6.4.1). */
  packets = 0;
  octets = 0;
  #payloadType: number;
  #timestampOffset: number;
  #sequence: number;
  #pictureId: number;

  constructor(start: VideoStreamStart, wallMs: number) {
    this.ssrc = start.ssrc;
    this.port = start.port;
    this.#payloadType = start.payloadType;
    this.#timestampOffset = start.timestampOffset;
    this.#sequence = startSequence(start, wallMs);
    this.#pictureId = Math.floor(wallMs * pictureIdsPerMs) & 0x7fff;
  }

  /** Goes on under other parameters; the sequence has no gap unless the SSRC is another. */
  change(start: VideoStreamStart, wallMs: number): void {
    if (start.ssrc !== this.ssrc) {
      this.#sequence = startSequence(start, wallMs);
      this.packets = 0;
      this.octets = 0;
    }
    this.ssrc = start.ssrc;
    this.port = start.port;
    this.#payloadType = start.payloadType;
    this.#timestampOffset = start.timestampOffset;
  }

  /** RTP timestamp of a moment of the wall clock: the same clock for all streams, shifted by the offset of each. */
  timestampAt(wallMs: number): number {
    return (this.#timestampOffset + Math.round(wallMs * unitsPerMs)) >>> 0;
  }

  /** `wallMs`: when the picture was; later than that of the frame before. */
  write(out: OutgoingPackets, frame: PacketizedFrame, wallMs: number): void {
    const timestamp = this.timestampAt(wallMs);
    const isVp8 = frame.codec === 'VP8';
    for (let index = 0; index < frame.count; index += 1) {
      const length = frame.lengths[index] ?? 0;
      const fragmentHeader = frame.fragmentHeaders[index] ?? 0;
      const header = isVp8 ? vp8DescriptorBytes : fragmentHeader === 0 ? 0 : fragmentHeaderBytes;
      const start = out.claim(rtpHeaderBytes + header + length, this.port);
      const { data } = out.batch;
      const marker = index === frame.count - 1;
      writeRtpHeader(data, start, this.#payloadType, marker, this.#sequence, timestamp, this.ssrc);
      const at = start + rtpHeaderBytes;
      if (isVp8) this.#writeDescriptor(data, at, index === 0);
      else if (fragmentHeader !== 0) {
        data[at] = fragmentHeader >> 8;
        data[at + 1] = fragmentHeader;
      }
      copyBytes(frame.data, frame.offsets[index] ?? 0, data, at + header, length);
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.packets = (this.packets + 1) >>> 0;
      this.octets = (this.octets + header + length) >>> 0;
    }
    if (frame.count > 0) this.#pictureId = (this.#pictureId + 1) & 0x7fff;
  }

  /** X; on the first packet S, partition 0; then I, and the picture id with M. */
  #writeDescriptor(data: Uint8Array, at: number, first: boolean): void {
    data[at] = first ? 0x90 : 0x80;
    data[at + 1] = 0x80;
    data[at + 2] = 0x80 | (this.#pictureId >> 8);
    data[at + 3] = this.#pictureId;
  }
}

function startSequence(start: VideoStreamStart, wallMs: number): number {
  return (start.sequenceOffset + Math.floor(wallMs * sequenceStepsPerMs)) & 0xffff;
}
