/** RFC 6716 §3: what an Opus packet says of itself without being decoded. */

const silkFrameMs = [10, 20, 40, 60] as const;
const hybridFrameMs = [10, 20] as const;
const celtFrameMs = [2.5, 5, 10, 20] as const;
const maxPacketMs = 120;

function frameMs(toc: number): number {
  const config = toc >> 3;
  if (config < 12) return silkFrameMs[config & 3] ?? 0;
  if (config < 16) return hybridFrameMs[config & 1] ?? 0;
  return celtFrameMs[config & 3] ?? 0;
}

/** Samples at 48 kHz, 0 for a packet that no Opus encoder makes (RFC 6716 §3.4). */
export function opusPacketSamples(data: Uint8Array, offset: number, length: number): number {
  if (length < 1) return 0;
  const toc = data[offset] ?? 0;
  const code = toc & 3;
  if (code === 3 && length < 2) return 0;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (data[offset + 1] ?? 0) & 0x3f;
  const durationMs = frames * frameMs(toc);
  return durationMs > maxPacketMs ? 0 : durationMs * 48;
}

/** A packet of the TOC and at most one byte carries no voice: DTX (RFC 6716 §3.2.1, RFC 7587 §3.1.3). */
export function isOpusDtx(length: number): boolean {
  return length <= 2;
}

/** Whether a mono packet of one frame carries the frame before it at a lower rate (LBRR, RFC 6716 §4.2.4). */
export function opusPacketHasFec(data: Uint8Array, offset: number, length: number): boolean {
  const toc = data[offset] ?? 0;
  if (length < 3 || (toc & 3) !== 0 || toc >> 3 >= 16) return false;
  // One VAD bit for each 20 ms, then the LBRR flag, all with even odds, so they stand as plain bits in front.
  const vadBits = Math.max(1, frameMs(toc) / 20);
  return (((data[offset + 1] ?? 0) >> (7 - vadBits)) & 1) === 1;
}
