import type { AudioCodecName } from '#kernel/index.ts';
import { codecTimings, tickMs } from '#media/mixer/audio/codecs.ts';
import { InboundVoice } from '#media/mixer/audio/InboundVoice.ts';
import { noAudioLevel } from '#media/mixer/audio/audioLevel.ts';
import { emptyRtpPacket, type RtpPacket } from '#media/mixer/rtp/packet.ts';
import { native, type FrameEncoder } from '#media/native/index.ts';
import { sine } from '#test/support/tones.ts';

/** A packet on its way: what it says, and when it arrives. */
export interface Travelling {
  sentMs: number;
  arrivalMs: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Uint8Array;
}

/** Deterministic numbers in 0..1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface ToneOptions {
  readonly codec?: AudioCodecName;
  readonly hz?: number;
  readonly durationMs: number;
  readonly packetMs?: number;
  readonly firstSequence?: number;
  readonly firstTimestamp?: number;
  readonly fec?: boolean;
}

/** A tone cut into packets that travel without delay. */
export function toneStream(options: ToneOptions): Travelling[] {
  const { codec = 'opus', hz = 440, durationMs, packetMs = 20, firstSequence = 65_500 } = options;
  const { sampleRateHz, clockRateHz } = codecTimings[codec];
  const encoder = encoderFor(codec, options.fec === true);
  const samples = (sampleRateHz * packetMs) / 1000;
  const out = new Uint8Array(1500);
  const packets = Array.from({ length: Math.floor(durationMs / packetMs) }, (_, index) => {
    const pcm = sine(hz, sampleRateHz, samples, 0.25, index * samples);
    return {
      sentMs: index * packetMs,
      arrivalMs: index * packetMs,
      sequence: (firstSequence + index) & 0xffff,
      timestamp: ((options.firstTimestamp ?? 0xfffff000) + (index * packetMs * clockRateHz) / 1000) >>> 0,
      ssrc: 1,
      payload: encodeWhole(encoder, codec, pcm, out),
    };
  });
  encoder.close();
  return packets;
}

/** G.722 takes 20 ms at a time only. */
function encodeWhole(
  encoder: FrameEncoder,
  codec: AudioCodecName,
  pcm: Int16Array,
  out: Uint8Array,
): Uint8Array {
  if (codec !== 'G722') return out.slice(0, encoder.encode(pcm, out));
  const parts: number[] = [];
  for (let at = 0; at < pcm.length; at += 320) {
    const length = encoder.encode(pcm.subarray(at, at + 320), out);
    parts.push(...out.subarray(0, length));
  }
  return Uint8Array.from(parts);
}

function encoderFor(codec: AudioCodecName, fec: boolean): FrameEncoder {
  if (codec === 'G722') return new native.G722Encoder();
  if (codec !== 'opus') return new native.G711Codec(codec);
  const application = fec ? 'voip' : 'audio';
  const opus = new native.OpusEncoder({ sampleRateHz: 48000, bitrate: 32000, complexity: 5, application });
  if (fec) opus.setForwardErrorCorrection(true, 10);
  return opus;
}

/** Loses `loss` of the packets and delays the others by 0..jitterMs, so that they overtake one another. */
export function badNetwork(
  packets: readonly Travelling[],
  { loss = 0, jitterMs = 0, seed = 1 }: { loss?: number; jitterMs?: number; seed?: number },
): Travelling[] {
  const random = randomFrom(seed);
  return packets
    .filter(() => random() >= loss)
    .map((packet) => ({ ...packet, arrivalMs: packet.arrivalMs + random() * jitterMs }))
    .sort((a, b) => a.arrivalMs - b.arrivalMs);
}

export interface Played {
  readonly voice: InboundVoice;
  readonly pcm: Int16Array;
}

/** Plays what arrives, in ticks of 20 ms from time 0 on; `onTick` sees the voice after each. */
export function play(
  packets: readonly Travelling[],
  durationMs: number,
  codec: AudioCodecName = 'opus',
  onTick: (voice: InboundVoice, tick: number) => void = () => undefined,
): Played {
  const voice = new InboundVoice(codec);
  const pcm = new Int16Array((voice.sampleRateHz * durationMs) / 1000);
  let next = 0;
  for (let tick = 0; tick * tickMs < durationMs; tick += 1) {
    for (let packet = packets[next]; packet !== undefined && packet.arrivalMs <= tick * tickMs;) {
      voice.receive(asRtp(packet), packet.payload, noAudioLevel, packet.arrivalMs);
      next += 1;
      packet = packets[next];
    }
    voice.advance(tick * tickMs, true);
    pcm.set(voice.frame, tick * voice.frame.length);
    onTick(voice, tick);
  }
  voice.close();
  return { voice, pcm };
}

export function asRtp({ sequence, timestamp, ssrc, payload }: Travelling): RtpPacket {
  return { ...emptyRtpPacket(), sequence, timestamp, ssrc, payloadLength: payload.length };
}

/** The part of what was played between two times. */
export function between({ voice, pcm }: Played, fromMs: number, toMs: number): Int16Array {
  return pcm.subarray((fromMs * voice.sampleRateHz) / 1000, (toMs * voice.sampleRateHz) / 1000);
}
