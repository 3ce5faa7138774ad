import type { AudioCodecName } from '#kernel/index.ts';
import type { RtpPacket } from '../rtp/packet.ts';
import { codecTimings, payloadDuration, tickMs } from './codecs.ts';
import { JitterBuffer, take, type Take } from './jitterBuffer.ts';
import { levelDb, silenceDb } from './level.ts';
import { SampleFifo } from './sampleFifo.ts';
import { lengthen, shorten, spliceSpan } from './splice.ts';
import { createVoiceDecoder, type VoiceDecoder } from './VoiceDecoder.ts';

/** Concealment is heard in full for so long, then fades until it ends. */
const concealFullMs = 20;
const concealEndMs = 100;
/** Delay is corrected from this error on, until it is back under `settledMs`. */
const tooLateMs = 15;
const tooEarlyMs = -6;
const settledMs = 5;
/** A splice is hardly heard; many in a row are. */
const ticksBetweenSplices = 5;
const hurriedMs = 60;

/** A leg's voice from its packets: one frame of 20 ms at the codec's own sample rate each tick. */
export class InboundVoice {
  /** What the last `advance` made. */
  readonly frame: Int16Array;
  readonly sampleRateHz: number;
  /** Level of `frame`. */
  levelDb = silenceDb;
  /** `frame` is all zeros. */
  silent = true;
  concealed = 0;
  recoveredByFec = 0;
  readonly #codec: AudioCodecName;
  readonly #decoder: VoiceDecoder;
  readonly #buffer: JitterBuffer;
  readonly #fifo: SampleFifo;
  readonly #samplesPerUnit: number;
  #concealedMs = 0;
  #delayErrorMs = 0;
  #correcting = false;
  #ticksToSplice = 0;
  #decoderStale = true;

  constructor(codec: AudioCodecName) {
    const { clockRateHz, sampleRateHz } = codecTimings[codec];
    this.#codec = codec;
    this.#decoder = createVoiceDecoder(codec);
    this.#buffer = new JitterBuffer(clockRateHz, codec === 'opus');
    // The longest packet, and what a splice can add to it.
    this.#fifo = new SampleFifo(this.#decoder.pcm.length + (sampleRateHz / 1000) * 2 * tickMs);
    this.sampleRateHz = sampleRateHz;
    this.#samplesPerUnit = sampleRateHz / clockRateHz;
    this.frame = new Int16Array((sampleRateHz / 1000) * tickMs);
  }

  get delayMs(): number {
    return this.#buffer.targetMs;
  }

  /** By how much what plays is later (positive) or earlier than aimed at, after the last `advance`; 0 in pauses. */
  get delayErrorMs(): number {
    return this.#delayErrorMs;
  }

  get late(): number {
    return this.#buffer.late;
  }

  get duplicates(): number {
    return this.#buffer.duplicates;
  }

  /** `data` is not kept. `saidLevelDb`: from the header extension, or what stands for none. */
  receive(packet: RtpPacket, data: Uint8Array, saidLevelDb: number, arrivalMs: number): void {
    const duration = payloadDuration(this.#codec, data, packet.payloadOffset, packet.payloadLength);
    this.#buffer.insert(packet, data, duration, saidLevelDb, arrivalMs);
  }

  /** A packet of the same stream that carries no voice. */
  skip(packet: RtpPacket): void {
    this.#buffer.skip(packet);
  }

  /** Forgets what was received. */
  reset(): void {
    this.#buffer.reset();
    this.#fifo.length = 0;
    this.#beSilent();
  }

  /** What the sender says of what comes next, or `none` when nothing waits. */
  nextLevelDb(none: number): number {
    return this.#buffer.nextLevelDb(none);
  }

  /** Makes the frame that is heard at `nowMs`. Without `decode` the stream goes on and the frame is empty. */
  advance(nowMs: number, decode: boolean): void {
    const fifo = this.#fifo;
    if (this.#buffer.quiet && this.#buffer.waiting === 0 && fifo.length === 0) this.#beSilent();
    else if (decode) {
      this.#fill(nowMs, true);
      this.#correctDelay(nowMs);
      fifo.shift(this.frame, this.frame.length);
      this.levelDb = levelDb(this.frame, this.frame.length);
      this.silent = this.levelDb === silenceDb;
    } else {
      this.#fill(nowMs, false);
      fifo.drop(this.frame.length);
      this.#beSilent();
    }
    if (!decode) this.#decoderStale = true;
  }

  close(): void {
    this.#decoder.close();
  }

  #beSilent(): void {
    if (this.silent) return;
    this.frame.fill(0);
    this.silent = true;
    this.levelDb = silenceDb;
    this.#concealedMs = 0;
  }

  #fill(nowMs: number, decode: boolean): void {
    const fifo = this.#fifo;
    while (fifo.length < this.frame.length) {
      const missing = this.frame.length - fifo.length;
      const what = this.#buffer.next(this.#playMs(nowMs), Math.ceil(missing / this.#samplesPerUnit));
      const samples = this.#buffer.takenDuration * this.#samplesPerUnit;
      if (decode && what !== take.silence) this.#decode(what, samples);
      else this.#pushSilence(samples);
    }
  }

  /** When the next sample that enters the queue is heard. */
  #playMs(nowMs: number): number {
    return nowMs + (this.#fifo.length * 1000) / this.sampleRateHz;
  }

  #pushSilence(samples: number): void {
    this.#fifo.pushSilence(samples);
    this.#concealedMs = 0;
    // Within a pause the Opus encoder goes on from where it was, and so must its decoder; repetition has nothing to go on.
    if (this.#codec !== 'opus') this.#decoder.restart();
  }

  #decode(what: Take, samples: number): void {
    const { bytes, takenOffset, takenLength } = this.#buffer;
    if (this.#decoderStale) this.#decoder.restart();
    this.#decoderStale = false;
    if (what === take.packet) {
      const count = this.#decoder.decode(bytes, takenOffset, takenLength);
      this.#concealedMs = 0;
      if (count > 0) this.#fifo.push(this.#decoder.pcm, count);
      else this.#conceal(samples);
    } else if (what === take.forwardErrorCorrection) {
      const count = this.#decoder.repair(bytes, takenOffset, takenLength, samples);
      this.recoveredByFec += 1;
      this.#fifo.push(this.#decoder.pcm, count);
    } else this.#conceal(samples);
  }

  #conceal(samples: number): void {
    const count = this.#decoder.conceal(samples);
    const pcm = this.#decoder.pcm;
    const endMs = this.#concealedMs + (count * 1000) / this.sampleRateHz;
    const before = concealGain(this.#concealedMs);
    const step = (concealGain(endMs) - before) / count;
    if (before < 1 || step < 0) {
      for (let index = 0; index < count; index += 1) pcm[index] = (pcm[index] ?? 0) * (before + step * index);
    }
    this.#concealedMs = endMs;
    this.concealed += 1;
    this.#fifo.push(pcm, count);
  }

  /** Cuts a piece out of what plays next, or repeats one, where the delay departs from what it should be. */
  #correctDelay(nowMs: number): void {
    if (this.#ticksToSplice > 0) this.#ticksToSplice -= 1;
    const leftMs = ((this.#fifo.length - this.frame.length) * 1000) / this.sampleRateHz;
    const excessMs = this.#buffer.excessMs(nowMs, leftMs);
    this.#delayErrorMs = excessMs;
    if (excessMs > tooLateMs || excessMs < tooEarlyMs) this.#correcting = true;
    else if (Math.abs(excessMs) < settledMs) this.#correcting = false;
    if (!this.#correcting) return;
    const hurried = Math.abs(excessMs) > hurriedMs;
    if ((this.#ticksToSplice > 0 && !hurried) || this.#fifo.length < spliceSpan(this.sampleRateHz)) return;
    if (excessMs > 0) {
      if (this.#buffer.waiting === 0) return;
      this.#fifo.length = shorten(this.#fifo.pcm, 0, this.#fifo.length, this.sampleRateHz);
      this.#fill(nowMs, true);
    } else {
      this.#fifo.length = lengthen(this.#fifo.pcm, 0, this.#fifo.length, this.sampleRateHz);
    }
    this.#ticksToSplice = ticksBetweenSplices;
  }
}

function concealGain(concealedMs: number): number {
  if (concealedMs <= concealFullMs) return 1;
  return Math.max(0, (concealEndMs - concealedMs) / (concealEndMs - concealFullMs));
}
