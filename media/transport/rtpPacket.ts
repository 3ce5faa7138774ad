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

export function ssrcOf(packet: Buffer): number {
  return packet.readUInt32BE(8);
}

function isVersion2(packet: Buffer): boolean {
  const first = packet[0];
  return first !== undefined && first >> 6 === 2;
}
