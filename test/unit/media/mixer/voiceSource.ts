import type { AudioCodecName } from '#kernel/index.ts';
import { codecTimings } from '#media/mixer/audio/codecs.ts';
import { MixEncoder } from '#media/mixer/audio/MixEncoder.ts';
import { createVoiceDecoder } from '#media/mixer/audio/VoiceDecoder.ts';
import { sine } from '#test/support/tones.ts';

export interface HeardFrame {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

/** A tone as packets of 20 ms, one for each `advance`. */
export class VoiceSource {
  sequence = 100;
  timestamp = 5000;
  payload = new Uint8Array(0);
  readonly #encoder: MixEncoder;
  readonly #units: number;
  readonly #hz: number;
  readonly #amplitude: number;
  #frames = 0;

  constructor(codec: AudioCodecName, hz: number, amplitude: number) {
    this.#encoder = new MixEncoder(codec);
    this.#units = codecTimings[codec].clockRateHz / 50;
    this.#hz = hz;
    this.#amplitude = amplitude;
  }

  advance(): void {
    if (this.#hz > 0) {
      this.#encoder.encode(sine(this.#hz, 48000, 960, this.#amplitude, this.#frames * 960), false);
      this.payload = this.#encoder.payload.slice(0, this.#encoder.length);
    }
    this.#frames += 1;
    this.sequence = (this.sequence + 1) & 0xffff;
    this.timestamp = (this.timestamp + this.#units) >>> 0;
  }

  close(): void {
    this.#encoder.close();
  }
}

export function decodeHeard(codec: AudioCodecName, frames: readonly HeardFrame[], from: number): Int16Array {
  const decoder = createVoiceDecoder(codec);
  const kept: number[] = [];
  for (const [index, { payload }] of frames.entries()) {
    const samples = decoder.decode(payload, 0, payload.length);
    if (index >= from) kept.push(...decoder.pcm.subarray(0, samples));
  }
  decoder.close();
  return Int16Array.from(kept);
}
