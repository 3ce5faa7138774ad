import type { RtpPacket } from './packet.ts';

/**
 * RFC 8285: where the data of the element with this id begins, or -1 without such an element or when it has no data.
 * Reads the one-byte and the two-byte header form (§4.2, §4.3).
 */
export function findHeaderExtension(data: Uint8Array, packet: RtpPacket, id: number): number {
  const oneByte = packet.extensionProfile === 0xbede;
  if (!oneByte && packet.extensionProfile >> 4 !== 0x100) return -1;
  const end = packet.extensionOffset + packet.extensionLength;
  let at = packet.extensionOffset;
  while (at < end) {
    const first = data[at] ?? 0;
    if (first === 0) {
      at += 1; // padding
      continue;
    }
    const element = oneByte ? first >> 4 : first;
    if (oneByte && element === 15) return -1;
    const header = oneByte ? 1 : 2;
    const length = oneByte ? (first & 0x0f) + 1 : at + 1 < end ? (data[at + 1] ?? 0) : 0;
    if (at + header + length > end) return -1;
    if (element === id && length >= 1) return at + header;
    at += header + length;
  }
  return -1;
}
