/** RFC 3550 §5.1, in place on flat buffers: nothing is allocated for a packet. */

export const rtpHeaderBytes = 12;

/** One parsed header. Made once and filled again for each packet; offsets are into the buffer that was parsed. */
export interface RtpPacket {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** How many sources it says that it is mixed of. */
  csrcs: number;
  payloadOffset: number;
  payloadLength: number;
  /** Profile of the header extension (RFC 8285: 0xbede or 0x100x); 0 when there is none. */
  extensionProfile: number;
  extensionOffset: number;
  extensionLength: number;
}

export function emptyRtpPacket(): RtpPacket {
  return {
    payloadType: 0,
    marker: false,
    sequence: 0,
    timestamp: 0,
    ssrc: 0,
    csrcs: 0,
    payloadOffset: 0,
    payloadLength: 0,
    extensionProfile: 0,
    extensionOffset: 0,
    extensionLength: 0,
  };
}

function uint16(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}

function uint32(data: Uint8Array, at: number): number {
  return ((uint16(data, at) << 16) | uint16(data, at + 2)) >>> 0;
}

/** False for anything that is no RTP version 2 packet, RTCP included (RFC 5761 §4); `into` is then half filled. */
export function parseRtp(data: Uint8Array, offset: number, length: number, into: RtpPacket): boolean {
  if (length < rtpHeaderBytes || offset + length > data.length) return false;
  const flags = data[offset] ?? 0;
  const second = data[offset + 1] ?? 0;
  if (flags >> 6 !== 2 || (second >= 192 && second <= 223)) return false;
  const end = offset + length;
  into.csrcs = flags & 0x0f;
  let at = offset + rtpHeaderBytes + into.csrcs * 4;
  into.extensionProfile = 0;
  into.extensionLength = 0;
  if ((flags & 0x10) !== 0) {
    if (at + 4 > end) return false;
    into.extensionProfile = uint16(data, at);
    into.extensionOffset = at + 4;
    into.extensionLength = uint16(data, at + 2) * 4;
    at += 4 + into.extensionLength;
  }
  const padding = (flags & 0x20) !== 0 ? (data[end - 1] ?? 0) : 0;
  if ((flags & 0x20) !== 0 && padding === 0) return false;
  if (at + padding > end) return false;
  into.marker = second >= 128;
  into.payloadType = second & 0x7f;
  into.sequence = uint16(data, offset + 2);
  into.timestamp = uint32(data, offset + 4);
  into.ssrc = uint32(data, offset + 8);
  into.payloadOffset = at;
  into.payloadLength = end - padding - at;
  return true;
}

/** Writes the 12 bytes of a header without CSRC and extension. */
export function writeRtpHeader(
  data: Uint8Array,
  offset: number,
  payloadType: number,
  marker: boolean,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  data[offset] = 0x80;
  data[offset + 1] = payloadType | (marker ? 0x80 : 0);
  data[offset + 2] = sequence >> 8;
  data[offset + 3] = sequence;
  data[offset + 4] = timestamp >>> 24;
  data[offset + 5] = timestamp >>> 16;
  data[offset + 6] = timestamp >>> 8;
  data[offset + 7] = timestamp;
  data[offset + 8] = ssrc >>> 24;
  data[offset + 9] = ssrc >>> 16;
  data[offset + 10] = ssrc >>> 8;
  data[offset + 11] = ssrc;
}
