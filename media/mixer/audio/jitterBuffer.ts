import type { RtpPacket } from '../rtp/packet.ts';
import { tickMs } from './codecs.ts';
import { PlayoutDelay } from './playoutDelay.ts';

const slots = 64;
const slotBytes = 1280;
/** RFC 3550 A.1: sequence steps that still belong to the stream. */
const maxDropout = 3000;
const maxMisorder = 100;
/** Media time that departs from arrival time by more than this was set anew by the sender. */
const maxTimestampJumpMs = 500;
const maxConcealMs = 100;
/** So many late packets in a row mean that the path became slower, not that they were reordered. */
const lateInARow = 5;
const maxWaitMs = 1000;
/** A voice may start so much before its delay has passed. */
const startToleranceMs = 5;
const maxBehindMs = 150;
const stragglerMs = 1000;

/** What to play next; `taken*` of the buffer say the rest. */
export const take = {
  /** Nobody speaks: `takenDuration` of silence. */
  silence: 0,
  /** Decode the payload. */
  packet: 1,
  /** The packet before this payload is lost: make `takenDuration` of its forward error correction. */
  forwardErrorCorrection: 2,
  /** Lost or late: conceal `takenDuration`. */
  concealment: 3,
} as const;
export type Take = (typeof take)[keyof typeof take];

/**
 * One RTP stream put into order and onto the listener's clock. Durations are in units of the RTP clock, times in
 * milliseconds of any one clock. All memory is taken at construction.
 */
export class JitterBuffer {
  /** Payloads stand here, at `takenOffset`. */
  readonly bytes = new Uint8Array(slots * slotBytes);
  takenOffset = 0;
  takenLength = 0;
  takenDuration = 0;
  late = 0;
  duplicates = 0;
  /** Packets that were not played to get rid of delay, or that no ring could hold. */
  dropped = 0;
  readonly #unitsPerMs: number;
  readonly #isOpus: boolean;
  /** Least distance from which on a gap is a gap, and grain of concealment: 2.5 ms. */
  readonly #grain: number;
  readonly #delay = new PlayoutDelay();
  // Sequence numbers and timestamps are extended, so that they do not wrap.
  readonly #slotSequence = new Float64Array(slots).fill(-1);
  readonly #slotTimestamp = new Float64Array(slots);
  readonly #slotDuration = new Int32Array(slots);
  readonly #slotLength = new Int32Array(slots);
  readonly #slotLevelDb = new Int8Array(slots);
  readonly #slotWaiting = new Uint8Array(slots);
  #waiting = 0;
  #started = false;
  #quiet = true;
  #ssrc = 0;
  #formerSsrc = -1;
  #formerUntilMs = 0;
  #suspectSequence = -1;
  #highestSequence = 0;
  #highestTimestamp = 0;
  #nextSequence = 0;
  /** Where the next sample that is handed out stands. */
  #playTimestamp = 0;
  #concealed = 0;
  #lateRun = 0;
  #lossRatio = 0;
  #lastDuration = 0;

  constructor(clockRateHz: number, isOpus: boolean) {
    this.#unitsPerMs = clockRateHz / 1000;
    this.#grain = clockRateHz / 400;
    this.#isOpus = isOpus;
  }

  /** Packets that wait to be played. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Nothing plays: before the first packet, in DTX, and when concealment has run out. */
  get quiet(): boolean {
    return this.#quiet;
  }

  /** Delay that is aimed at; a packet more where loss makes forward error correction worth its wait. */
  get targetMs(): number {
    const forRepair = this.#isOpus && this.#lossRatio > 0.02 ? this.#lastDuration / this.#unitsPerMs : 0;
    return Math.min(200, this.#delay.targetMs + forRepair);
  }

  /** Forgets the stream; what was learnt of the network stays. */
  reset(): void {
    this.#slotWaiting.fill(0);
    this.#slotSequence.fill(-1);
    this.#waiting = 0;
    this.#started = false;
    this.#quiet = true;
    this.#concealed = 0;
    this.#lateRun = 0;
    this.#suspectSequence = -1;
  }

  /** `duration` in clock units, `levelDb` from its header extension or what stands for none. */
  insert(packet: RtpPacket, data: Uint8Array, duration: number, levelDb: number, arrivalMs: number): void {
    const length = packet.payloadLength;
    if (duration <= 0 || length > slotBytes || !this.#admit(packet.ssrc, arrivalMs)) return;
    if (!this.#started) this.#restart(packet, arrivalMs);
    let sequence = this.#extend(packet.sequence);
    if (sequence === -1) {
      const expected = packet.sequence === this.#suspectSequence;
      this.#suspectSequence = (packet.sequence + 1) & 0xffff;
      if (!expected) return;
      sequence = this.#restart(packet, arrivalMs);
    }
    const step = (packet.timestamp - (this.#highestTimestamp % 0x100000000)) | 0;
    let timestamp = this.#highestTimestamp + step;
    const transitMs = arrivalMs - timestamp / this.#unitsPerMs;
    if (sequence > this.#highestSequence && Math.abs(transitMs - this.#delay.baseMs) > maxTimestampJumpMs) {
      sequence = this.#restart(packet, arrivalMs);
      timestamp = this.#highestTimestamp;
    }
    if (this.#slotSequence[sequence % slots] === sequence) {
      this.duplicates += 1;
      return;
    }
    this.#delay.observe(arrivalMs - timestamp / this.#unitsPerMs, arrivalMs);
    if (this.#isLate(sequence, timestamp + duration)) {
      this.late += 1;
      // Those before what was played last were overtaken; those after it would all come too late for ever.
      if (sequence < this.#nextSequence) return;
      this.#lateRun += 1;
      if (this.#lateRun < lateInARow) return;
      sequence = this.#restart(packet, arrivalMs);
      timestamp = this.#highestTimestamp;
    }
    this.#lateRun = 0;
    this.#store(packet, data, sequence, timestamp, duration, levelDb);
  }

  /** A packet of the stream that is no voice, as RFC 4733 events are: its number is not missing. */
  skip(packet: RtpPacket): void {
    if (!this.#started || packet.ssrc !== this.#ssrc) return;
    const sequence = this.#extend(packet.sequence);
    const slot = sequence % slots;
    if (sequence < this.#nextSequence || this.#slotSequence[slot] === sequence) return;
    this.#claim(slot, sequence);
    this.#slotDuration[slot] = 0;
  }

  /** Level of what plays next, or `none` when nothing waits. */
  nextLevelDb(none: number): number {
    const slot = this.#head();
    return slot < 0 ? none : (this.#slotLevelDb[slot] ?? none);
  }

  /** Takes what plays at `playMs`, at most `most` clock units of it unless a packet is longer. */
  next(playMs: number, most: number): Take {
    if (!this.#started) return this.#silence(most);
    const wanted = this.#wantedTimestamp(playMs);
    for (;;) {
      const slot = this.#head();
      if (slot < 0) return this.#nextOfNone(wanted, most);
      if (this.#isUseless(slot, wanted)) this.#discard(slot);
      else return this.#quiet ? this.#nextInQuiet(slot, wanted, most) : this.#nextInVoice(slot, wanted, most);
    }
  }

  /**
   * By how much what plays is later than aimed at; 0 in quiet, where the delay sets itself right. `leftMs` of what was
   * taken still waits after the tick at `nowMs`: the next packets must be there one tick later, or when that is used up.
   */
  excessMs(nowMs: number, leftMs: number): number {
    if (this.#quiet) return 0;
    const ticks = Math.floor(leftMs / tickMs) + 1;
    const lastMs = this.#lastDuration / this.#unitsPerMs;
    const packets = Math.max(1, Math.ceil((ticks * tickMs - leftMs) / lastMs));
    const due = this.#wantedTimestamp(nowMs + ticks * tickMs - (packets - 1) * lastMs);
    return (due - this.#playTimestamp) / this.#unitsPerMs;
  }

  #wantedTimestamp(playMs: number): number {
    return (playMs - this.#delay.baseMs - this.targetMs) * this.#unitsPerMs;
  }

  /** A new SSRC takes over at once; what straggles in of the one before does not take it back. */
  #admit(ssrc: number, arrivalMs: number): boolean {
    if (!this.#started || ssrc === this.#ssrc) {
      this.#ssrc = ssrc;
      return true;
    }
    if (ssrc === this.#formerSsrc && arrivalMs < this.#formerUntilMs) return false;
    this.#formerSsrc = this.#ssrc;
    this.#formerUntilMs = arrivalMs + stragglerMs;
    this.reset();
    this.#ssrc = ssrc;
    return true;
  }

  /** The stream begins (again) with this packet. Its extended sequence number. */
  #restart(packet: RtpPacket, arrivalMs: number): number {
    this.reset();
    this.#started = true;
    // A round ahead of zero, so that packets reordered across the start have numbers too.
    const sequence = 0x10000 + packet.sequence;
    this.#highestSequence = sequence;
    this.#highestTimestamp = packet.timestamp;
    this.#nextSequence = sequence;
    this.#playTimestamp = packet.timestamp;
    this.#delay.rebase(arrivalMs - packet.timestamp / this.#unitsPerMs, arrivalMs);
    return sequence;
  }

  /** Extended sequence number, -1 for one that cannot be of this stream. */
  #extend(sequence: number): number {
    const step = ((sequence - (this.#highestSequence & 0xffff)) << 16) >> 16;
    if (step > maxDropout || step < -maxMisorder) return -1;
    return this.#highestSequence + step;
  }

  #isLate(sequence: number, end: number): boolean {
    return sequence < this.#nextSequence || end <= this.#playTimestamp;
  }

  #store(
    packet: RtpPacket,
    data: Uint8Array,
    sequence: number,
    timestamp: number,
    duration: number,
    levelDb: number,
  ): void {
    const slot = sequence % slots;
    this.#claim(slot, sequence);
    if (sequence >= this.#highestSequence) {
      this.#highestSequence = sequence;
      this.#highestTimestamp = timestamp;
    }
    this.#slotTimestamp[slot] = timestamp;
    this.#slotDuration[slot] = duration;
    this.#slotLength[slot] = packet.payloadLength;
    this.#slotLevelDb[slot] = levelDb;
    const to = slot * slotBytes;
    const from = packet.payloadOffset;
    for (let index = 0; index < packet.payloadLength; index += 1) {
      this.bytes[to + index] = data[from + index] ?? 0;
    }
  }

  #claim(slot: number, sequence: number): void {
    if (this.#slotWaiting[slot] === 1) this.dropped += 1;
    else this.#waiting += 1;
    this.#slotWaiting[slot] = 1;
    this.#slotSequence[slot] = sequence;
  }

  /** Slot of the waiting packet with the least sequence number, -1 when none waits. */
  #head(): number {
    if (this.#waiting === 0) return -1;
    const due = this.#nextSequence % slots;
    if (this.#slotWaiting[due] === 1 && this.#slotSequence[due] === this.#nextSequence) return due;
    let head = -1;
    let least = Infinity;
    for (let slot = 0; slot < slots; slot += 1) {
      const sequence = this.#slotSequence[slot] ?? 0;
      if (this.#slotWaiting[slot] === 1 && sequence < least) {
        least = sequence;
        head = slot;
      }
    }
    return head;
  }

  #isUseless(slot: number, wanted: number): boolean {
    const duration = this.#slotDuration[slot] ?? 0;
    const start = this.#slotTimestamp[slot] ?? 0;
    if (duration === 0 || start + duration <= this.#playTimestamp) return true;
    if (start - wanted > maxWaitMs * this.#unitsPerMs) return true;
    return this.#waiting > 1 && wanted - start - duration > maxBehindMs * this.#unitsPerMs;
  }

  #discard(slot: number): void {
    if (this.#slotDuration[slot] !== 0) this.dropped += 1;
    this.#release(slot);
  }

  #release(slot: number): void {
    this.#slotWaiting[slot] = 0;
    this.#waiting -= 1;
    const sequence = this.#slotSequence[slot] ?? 0;
    const lost = Math.min(10, Math.max(0, sequence - this.#nextSequence));
    // Each lost packet counts 1, this one 0, and each is a fiftieth of the average.
    this.#lossRatio += (lost - this.#lossRatio * (lost + 1)) / 50;
    this.#nextSequence = Math.max(this.#nextSequence, sequence + 1);
  }

  #nextOfNone(wanted: number, most: number): Take {
    if (this.#quiet || this.#concealed >= maxConcealMs * this.#unitsPerMs) {
      this.#quiet = true;
      return this.#silence(most);
    }
    // Too little delay: the missing packet is waited for, else it is held for lost.
    const tooEarly = this.#playTimestamp - wanted > 10 * this.#unitsPerMs;
    return this.#conceal(most, !tooEarly);
  }

  #nextInQuiet(slot: number, wanted: number, most: number): Take {
    // Voices start on a tick, so that packets of 20 ms are not needed earlier than they are heard.
    const gap = (this.#slotTimestamp[slot] ?? 0) - wanted;
    return gap > startToleranceMs * this.#unitsPerMs ? this.#silence(most) : this.#play(slot);
  }

  #nextInVoice(slot: number, wanted: number, most: number): Take {
    const start = this.#slotTimestamp[slot] ?? 0;
    const gap = start - this.#playTimestamp;
    if (gap < this.#grain) return this.#play(slot);
    const lost = (this.#slotSequence[slot] ?? 0) - this.#nextSequence;
    if (lost === 0 || this.#concealed >= maxConcealMs * this.#unitsPerMs) {
      this.#quiet = true;
      return this.#nextInQuiet(slot, wanted, most);
    }
    const duration = this.#slotDuration[slot] ?? 0;
    if (!this.#isOpus) return this.#conceal(Math.min(gap, most), true);
    if (gap > duration) return this.#conceal(Math.min(gap - duration, most), true);
    this.#show(slot, gap);
    this.#playTimestamp = start;
    this.#concealed += gap;
    return take.forwardErrorCorrection;
  }

  #play(slot: number): Take {
    const duration = this.#slotDuration[slot] ?? 0;
    this.#show(slot, duration);
    this.#release(slot);
    this.#playTimestamp = (this.#slotTimestamp[slot] ?? 0) + duration;
    this.#lastDuration = duration;
    this.#concealed = 0;
    // DTX (RFC 6716 §2.1.9): the sender says that nothing is to be heard.
    this.#quiet = this.#isOpus && this.takenLength <= 2;
    return this.#quiet ? take.silence : take.packet;
  }

  #show(slot: number, duration: number): void {
    this.takenOffset = slot * slotBytes;
    this.takenLength = this.#slotLength[slot] ?? 0;
    this.takenDuration = duration;
  }

  #silence(duration: number): Take {
    this.takenDuration = duration;
    return take.silence;
  }

  #conceal(most: number, advance: boolean): Take {
    const duration = Math.max(this.#grain, most - (most % this.#grain));
    this.takenDuration = duration;
    this.#concealed += duration;
    if (advance) this.#playTimestamp += duration;
    return take.concealment;
  }
}
