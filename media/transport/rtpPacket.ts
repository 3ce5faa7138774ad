/** The parts of RTP and RTCP packets (RFC 3550) that a relay needs: enough to tell streams apart, not to play them. */

const minimumHeaderBytes = 12;

/** RFC 5761 §4: with both on one port, a second byte of 192..223 is RTCP. */
export function isRtcp(packet: Buffer): boolean {
  const type = packet[1];
  return packet.length >= 8 && isVersion2(packet) && type !== undefined && type >= 192 && type <= 223;
}

export function isRtp(packet: Buffer): boolean {
  return packet.length >= minimumHeaderBytes && isVersion2(packet) && !isRtcp(packet);
}

/** RFC 7983 §7: DTLS records begin with 20..63. */
export function isDtls(packet: Buffer): boolean {
  const first = packet[0];
  return packet.length >= 13 && first !== undefined && first >= 20 && first <= 63;
}

/** RFC 7983 §7: STUN begins with 0..3. */
export function isStun(packet: Buffer): boolean {
  const first = packet[0];
  return packet.length >= 20 && first !== undefined && first <= 3;
}

export function payloadTypeOf(packet: Buffer): number {
  return packet.readUInt8(1) & 0x7f;
}

export function sequenceOf(packet: Buffer): number {
  return packet.readUInt16BE(2);
}

export function ssrcOf(packet: Buffer): number {
  return packet.readUInt32BE(8);
}

/** Fixed header, CSRC list and header extension together; undefined when the packet ends before they do. */
export function headerBytesOf(packet: Buffer): number | undefined {
  const first = packet.readUInt8(0);
  let bytes = minimumHeaderBytes + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (packet.length < bytes + 4) return undefined;
    bytes += 4 + 4 * packet.readUInt16BE(bytes + 2);
  }
  return bytes <= packet.length ? bytes : undefined;
}

function isVersion2(packet: Buffer): boolean {
  const first = packet[0];
  return first !== undefined && first >> 6 === 2;
}

/** The same packet without its header extension (RFC 3550 §5.3.1). */
export function withoutHeaderExtension(packet: Buffer): Buffer {
  const first = packet.readUInt8(0);
  const header = headerBytesOf(packet);
  if ((first & 0x10) === 0 || header === undefined) return packet;
  const fixed = minimumHeaderBytes + 4 * (first & 0x0f);
  const stripped = Buffer.concat([packet.subarray(0, fixed), packet.subarray(header)]);
  stripped.writeUInt8(first & ~0x10, 0);
  return stripped;
}
