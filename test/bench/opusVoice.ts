import { MixEncoder } from '#media/mixer/audio/MixEncoder.ts';

const frameSamples = 960;
const seconds = 10;

/** Something like a voice: harmonics of a gliding pitch under noise, in syllables of a quarter of a second. */
function voiceFrame(frame: number): Int16Array {
  return Int16Array.from({ length: frameSamples }, (_, index) => {
    const at = (frame * frameSamples + index) / 48000;
    let sum = (Math.random() - 0.5) * 0.2;
    for (let harmonic = 1; harmonic <= 20; harmonic += 1) {
      sum += Math.sin(2 * Math.PI * harmonic * (140 * at + Math.sin(5 * at))) / harmonic;
    }
    return Math.round(4000 * sum * (0.2 + Math.sin(2 * Math.PI * 2 * at) ** 2));
  });
}

export interface OpusVoice {
  /** Ten seconds of packets of 20 ms. */
  readonly packets: readonly Uint8Array[];
  /** CPU of one encode stream with the mixer's settings, % of a core. */
  readonly encodePercent: number;
}

/** Encodes a voice, and says what that cost. */
export function opusVoicePackets(): OpusVoice {
  const frames = Array.from({ length: seconds * 50 }, (_, frame) => voiceFrame(frame));
  const encoder = new MixEncoder('opus');
  const encodeAll = (): Uint8Array[] =>
    frames.map((frame) => {
      encoder.encode(frame, false);
      return encoder.payload.slice(0, encoder.length);
    });
  const packets = encodeAll();
  const before = process.cpuUsage();
  for (let round = 0; round < 3; round += 1) encodeAll();
  const { user, system } = process.cpuUsage(before);
  encoder.close();
  return { packets, encodePercent: (user + system) / 1e4 / (3 * seconds) };
}
