import type { AudioCodecName } from '#kernel/index.ts';
import { opusPacketSamples } from './opusPacket.ts';

/** One tick of the mixer. */
export const tickMs = 20;
export const mixRateHz = 48000;
export const mixFrameSamples = (mixRateHz / 1000) * tickMs;

export interface CodecTiming {
  /** Clock of RTP timestamps; 8000 for G.722 in spite of its 16 kHz (RFC 3551 §4.5.2). */
  readonly clockRateHz: number;
  readonly sampleRateHz: number;
}

export const codecTimings = {
  opus: { clockRateHz: 48000, sampleRateHz: 48000 },
  G722: { clockRateHz: 8000, sampleRateHz: 16000 },
  PCMA: { clockRateHz: 8000, sampleRateHz: 8000 },
  PCMU: { clockRateHz: 8000, sampleRateHz: 8000 },
} as const satisfies Record<AudioCodecName, CodecTiming>;

/** RTP clock units that a payload lasts; 0 when it cannot be a payload of the codec. */
export function payloadDuration(
  codec: AudioCodecName,
  data: Uint8Array,
  offset: number,
  length: number,
): number {
  // G.711 and G.722 alike: 64 kbit/s, so a byte lasts one unit of the 8 kHz clock.
  return codec === 'opus' ? opusPacketSamples(data, offset, length) : length;
}
