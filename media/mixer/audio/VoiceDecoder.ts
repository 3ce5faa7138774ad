import type { AudioCodecName } from '#kernel/index.ts';
import { native, type FrameDecoder, type OpusDecoder } from '../../native/index.ts';
import { codecTimings } from './codecs.ts';
import { Repetition } from './repetition.ts';

/** What an inbound stream asks of its codec. All fill `pcm` from the front and return how many samples. */
export interface VoiceDecoder {
  readonly sampleRateHz: number;
  readonly pcm: Int16Array;
  /** 0 for a packet that cannot be decoded. */
  decode(packet: Uint8Array, offset: number, length: number): number;
  /** The lost frame of `samples` before this packet, from the packet's forward error correction if it has it. */
  repair(packet: Uint8Array, offset: number, length: number, samples: number): number;
  /** At most `samples`, and at least one. */
  conceal(samples: number): number;
  /** The stream begins after silence. */
  restart(): void;
  close(): void;
}

const maxSamples = 5760;
/** Lengths of lost frames that libopus takes, in samples at 48 kHz. */
const opusFrames = [5760, 4800, 3840, 2880, 1920, 960, 480, 240, 120] as const;

class OpusVoiceDecoder implements VoiceDecoder {
  readonly sampleRateHz = 48000;
  readonly pcm = new Int16Array(maxSamples);
  readonly #decoder: OpusDecoder = new native.OpusDecoder({ sampleRateHz: 48000 });
  readonly #frames = opusFrames.map((samples) => this.pcm.subarray(0, samples));

  decode(packet: Uint8Array, offset: number, length: number): number {
    return Math.max(0, this.#decoder.decode(packet, offset, length, this.pcm));
  }

  repair(packet: Uint8Array, offset: number, length: number, samples: number): number {
    const frame = this.#frame(samples);
    const repaired = this.#decoder.decodeForwardErrorCorrection(packet, offset, length, frame);
    return repaired > 0 ? repaired : this.conceal(samples);
  }

  conceal(samples: number): number {
    const frame = this.#frame(samples);
    const concealed = this.#decoder.conceal(frame);
    if (concealed > 0) return concealed;
    frame.fill(0);
    return frame.length;
  }

  restart(): void {
    this.#decoder.reset();
  }

  close(): void {
    this.#decoder.close();
  }

  /** The longest frame that is no longer than asked for. */
  #frame(samples: number): Int16Array {
    let index = 0;
    while (index < opusFrames.length - 1 && (opusFrames[index] ?? 0) > samples) index += 1;
    return this.#frames[index] ?? this.pcm;
  }
}

class SampleVoiceDecoder implements VoiceDecoder {
  readonly sampleRateHz: number;
  readonly pcm = new Int16Array(maxSamples);
  readonly #decoder: FrameDecoder;
  readonly #repetition: Repetition;

  constructor(decoder: FrameDecoder, sampleRateHz: number) {
    this.#decoder = decoder;
    this.sampleRateHz = sampleRateHz;
    this.#repetition = new Repetition(sampleRateHz);
  }

  decode(packet: Uint8Array, offset: number, length: number): number {
    const samples = Math.max(0, this.#decoder.decode(packet, offset, length, this.pcm));
    if (samples > 0) this.#repetition.heard(this.pcm, samples);
    return samples;
  }

  repair(_packet: Uint8Array, _offset: number, _length: number, samples: number): number {
    return this.conceal(samples);
  }

  conceal(samples: number): number {
    const count = Math.min(samples, this.pcm.length);
    this.#repetition.repeat(this.pcm, count);
    return count;
  }

  restart(): void {
    this.#repetition.forget();
  }

  close(): void {
    this.#decoder.close();
  }
}

/** The caller closes it. */
export function createVoiceDecoder(codec: AudioCodecName): VoiceDecoder {
  if (codec === 'opus') return new OpusVoiceDecoder();
  const decoder = codec === 'G722' ? new native.G722Decoder() : new native.G711Codec(codec);
  return new SampleVoiceDecoder(decoder, codecTimings[codec].sampleRateHz);
}
