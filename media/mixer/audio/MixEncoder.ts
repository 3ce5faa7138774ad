import { ZonebridgeError, type AudioCodecName } from '#kernel/index.ts';
import { native, type FrameEncoder, type OpusEncoder } from '../../native/index.ts';
import { codecTimings, mixFrameSamples, mixRateHz, tickMs } from './codecs.ts';
import { Downsampler } from './resample.ts';

/** `audio`: CELT, a quarter of the cost of hybrid; libopus goes to hybrid by itself where FEC is on. */
const opusOptions = { sampleRateHz: 48000, bitrate: 32000, complexity: 5, application: 'audio' } as const;
/** In-band FEC goes on and off at these losses; libopus 1.3 makes none when told less than 6 %. */
const fecOnLoss = 0.05;
const fecOffLoss = 0.02;
const leastFecPercent = 6;
const mostFecPercent = 30;
/** Longest packet that is compared to learn that silence is encoded the same again and again. */
const silenceBytes = 16;
const settledFrames = 10;
/** After one frame of silence nothing of what was before is left in the filter. */
const drainedFrames = 2;

/** One mix into one codec: a frame at the mix rate in, a payload out, which any number of legs may send. */
export class MixEncoder {
  readonly codec: AudioCodecName;
  /** The last payload: the first `length` bytes. */
  readonly payload = new Uint8Array(1275);
  length = 0;
  /** RTP clock units of a payload. */
  readonly duration: number;
  readonly #encoder: FrameEncoder;
  readonly #opus: OpusEncoder | undefined;
  readonly #downsampler: Downsampler | undefined;
  readonly #frame: Int16Array;
  readonly #silence = new Uint8Array(silenceBytes);
  #silenceLength = 0;
  #alike = 0;
  #silentFrames = 0;
  #fec = false;
  #fecPercent = 0;

  constructor(codec: AudioCodecName) {
    const { clockRateHz, sampleRateHz } = codecTimings[codec];
    this.codec = codec;
    this.duration = (clockRateHz / 1000) * tickMs;
    this.#opus = codec === 'opus' ? new native.OpusEncoder(opusOptions) : undefined;
    this.#encoder = this.#opus ?? createEncoder(codec);
    this.#downsampler =
      sampleRateHz === mixRateHz ? undefined : new Downsampler(sampleRateHz, mixFrameSamples);
    this.#frame = new Int16Array((sampleRateHz / 1000) * tickMs);
  }

  /** `silent`: the frame is all zeros. False when the payload of the last silent frame does again. */
  encode(frame: Int16Array, silent: boolean): boolean {
    if (!silent) this.#alike = 0;
    else if (this.#alike >= settledFrames) return false;
    this.#silentFrames = silent ? this.#silentFrames + 1 : 0;
    if (this.#silentFrames <= drainedFrames) this.#downsampler?.process(frame, this.#frame);
    const pcm = this.#downsampler === undefined ? frame : this.#frame;
    this.length = this.#encoder.encode(pcm, this.payload);
    if (this.length <= 0) {
      throw new ZonebridgeError('internal', `the ${this.codec} encoder failed with ${this.length}`);
    }
    if (silent && this.#opus !== undefined) this.#compareSilence();
    return true;
  }

  /** What came before is forgotten, as if new. */
  reset(): void {
    this.#opus?.reset();
    this.#downsampler?.reset();
    this.#alike = 0;
    this.#silentFrames = 0;
  }

  /** `loss` 0..1: what the worst listener loses. */
  setLoss(loss: number): void {
    if (this.#opus === undefined) return;
    const fec = loss >= (this.#fec ? fecOffLoss : fecOnLoss);
    const percent = fec ? Math.min(mostFecPercent, Math.max(leastFecPercent, Math.round(loss * 100))) : 0;
    if (fec === this.#fec && percent === this.#fecPercent) return;
    this.#fec = fec;
    this.#fecPercent = percent;
    this.#opus.setForwardErrorCorrection(fec, percent);
  }

  close(): void {
    this.#encoder.close();
  }

  /** Opus alone makes the same packet of silence for ever; the others' state goes on and is cheap anyway. */
  #compareSilence(): void {
    let alike = this.length <= silenceBytes && this.length === this.#silenceLength;
    for (let index = 0; index < this.length && alike; index += 1) {
      alike = this.payload[index] === this.#silence[index];
    }
    this.#alike = alike ? this.#alike + 1 : 0;
    this.#silenceLength = this.length;
    for (let index = 0; index < Math.min(this.length, silenceBytes); index += 1) {
      this.#silence[index] = this.payload[index] ?? 0;
    }
  }
}

function createEncoder(codec: AudioCodecName): FrameEncoder {
  if (codec === 'opus') return new native.OpusEncoder(opusOptions);
  return codec === 'G722' ? new native.G722Encoder() : new native.G711Codec(codec);
}
