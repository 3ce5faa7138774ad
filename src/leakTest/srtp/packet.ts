/** The parts of RTP packets (RFC 3550 §5.1) that SRTP needs. */

export function sequenceOf(packet: Buffer): number {
  return packet.readUInt16BE(2);
}

export function ssrcOf(packet: Buffer): number {
  return packet.readUInt32BE(8);
}

/** Fixed header, CSRC list and header extension together; undefined when the packet ends before they do. */
export function headerBytesOf(packet: Buffer): number | undefined {
  const first = packet.readUInt8(0);
  let bytes = 12 + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (packet.length < bytes + 4) return undefined;
    bytes += 4 + 4 * packet.readUInt16BE(bytes + 2);
  }
  return bytes <= packet.length ? bytes : undefined;
}
