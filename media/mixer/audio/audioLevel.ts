import { findHeaderExtension } from '../rtp/headerExtension.ts';
import type { RtpPacket } from '../rtp/packet.ts';

/** What `readAudioLevelDb` says when the packet carries no level. */
export const noAudioLevel = 1;

/** RFC 6464: -127..0 dBov, or `noAudioLevel`. */
export function readAudioLevelDb(data: Uint8Array, packet: RtpPacket, id: number): number {
  const at = findHeaderExtension(data, packet, id);
  return at < 0 ? noAudioLevel : -((data[at] ?? 0) & 0x7f);
}
