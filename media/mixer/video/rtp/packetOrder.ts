import { copyBytes } from '../../rtp/copyBytes.ts';
import type { RtpPacket } from '../../rtp/packet.ts';

/** Divides 65536, so that a sequence number has the same slot in each round. */
const slots = 512;
const slotBytes = 1500;
/** A missing packet is waited for so long: several round trips of asking for it again. */
const holdMs = 120;
/** RFC 3550 A.1: sequence steps that still belong to the stream. */
const maxDropout = 3000;
const maxMisorder = 1000;
/** When only old packets have come for so long, the sender has set its sequence back. */
const stallMs = 1000;
const stragglerMs = 1000;

/** A packet in its order; one object for all of them, good until the call returns. `data` is without its RTP header. */
export interface OrderedPacket {
  data: Uint8Array;
  offset: number;
  length: number;
  timestamp: number;
  marker: boolean;
  orientation: number;
  arrivalMs: number;
}

/** What becomes of a stream: its packets in order, and what is missing between them. */
export interface OrderedStream {
  take(packet: OrderedPacket): void;
  lose(count: number): void;
  /** What follows has nothing to do with what came before. */
  restart(): void;
}

/**
 * Puts the packets of one stream into order. One that is next is handed on as it stands in its datagram; one that came too early
 * is copied and waits until the gap before it is filled or given up. All memory is taken at construction.
 */
export class PacketOrder {
  readonly #stream: OrderedStream;
  readonly #ordered: OrderedPacket;
  readonly #bytes = new Uint8Array(slots * slotBytes);
  readonly #waits = new Uint8Array(slots);
  readonly #lengths = new Int32Array(slots);
  readonly #timestamps = new Uint32Array(slots);
  readonly #markers = new Uint8Array(slots);
  readonly #orientations = new Int32Array(slots);
  readonly #arrivalsMs = new Float64Array(slots);
  #waiting = 0;
  #started = false;
  #ssrc = 0;
  #formerSsrc = -1;
  #formerUntilMs = 0;
  #suspectSequence = -1;
  /** The sequence number that is handed on next. */
  #next = 0;
  /** When the gap before the first packet that waits was noticed. */
  #gapMs = 0;
  #progressMs = 0;

  constructor(stream: OrderedStream) {
    this.#stream = stream;
    this.#ordered = {
      data: this.#bytes,
      offset: 0,
      length: 0,
      timestamp: 0,
      marker: false,
      orientation: 0,
      arrivalMs: 0,
    };
  }

  /** Forgets the stream; it begins again with whatever comes. May be called from within the stream's `take`. */
  reset(): void {
    this.#waits.fill(0);
    this.#waiting = 0;
    this.#started = false;
    this.#suspectSequence = -1;
  }

  receive(packet: RtpPacket, data: Uint8Array, orientation: number, arrivalMs: number): void {
    if (packet.payloadLength > slotBytes || !this.#admit(packet.ssrc, arrivalMs)) return;
    const { sequence } = packet;
    if (!this.#started) this.#begin(sequence, arrivalMs);
    let step = signed16(sequence - this.#next);
    if (this.#isForeign(step, arrivalMs)) {
      const expected = sequence === this.#suspectSequence;
      this.#suspectSequence = (sequence + 1) & 0xffff;
      if (!expected) return;
      this.reset();
      this.#stream.restart();
      this.#begin(sequence, arrivalMs);
      step = 0;
    }
    if (step < 0) return;
    this.#progressMs = arrivalMs;
    if (step >= slots) this.#skipTo((sequence - slots + 1) & 0xffff);
    if (this.#started && sequence === this.#next) this.#pass(packet, data, orientation, arrivalMs);
    else if (this.#started) this.#store(packet, data, orientation, arrivalMs);
    this.tick(arrivalMs);
  }

  /** Gives up what has been missing for too long. */
  tick(nowMs: number): void {
    while (this.#waiting > 0 && nowMs - this.#gapMs >= holdMs) {
      this.#skipTo(this.#head());
      this.#drain();
    }
  }

  /** Another SSRC takes over at once; what straggles in of the one before does not take it back. */
  #admit(ssrc: number, arrivalMs: number): boolean {
    if (this.#started && ssrc !== this.#ssrc) {
      if (ssrc === this.#formerSsrc && arrivalMs < this.#formerUntilMs) return false;
      this.#formerSsrc = this.#ssrc;
      this.#formerUntilMs = arrivalMs + stragglerMs;
      this.reset();
      this.#stream.restart();
    }
    this.#ssrc = ssrc;
    return true;
  }

  #begin(sequence: number, arrivalMs: number): void {
    this.#started = true;
    this.#next = sequence;
    this.#progressMs = arrivalMs;
  }

  /** It cannot be of this sequence, unless something went wrong with it. */
  #isForeign(step: number, arrivalMs: number): boolean {
    if (step >= maxDropout || step < -maxMisorder) return true;
    return step < 0 && arrivalMs - this.#progressMs > stallMs;
  }

  #pass(packet: RtpPacket, data: Uint8Array, orientation: number, arrivalMs: number): void {
    const ordered = this.#ordered;
    ordered.data = data;
    ordered.offset = packet.payloadOffset;
    ordered.length = packet.payloadLength;
    ordered.timestamp = packet.timestamp;
    ordered.marker = packet.marker;
    ordered.orientation = orientation;
    ordered.arrivalMs = arrivalMs;
    this.#next = (this.#next + 1) & 0xffff;
    this.#stream.take(ordered);
    ordered.data = this.#bytes;
    this.#drain();
  }

  #store(packet: RtpPacket, data: Uint8Array, orientation: number, arrivalMs: number): void {
    const slot = packet.sequence % slots;
    if (this.#waits[slot] === 1) return;
    if (this.#waiting === 0) this.#gapMs = arrivalMs;
    this.#waits[slot] = 1;
    this.#waiting += 1;
    this.#lengths[slot] = packet.payloadLength;
    this.#timestamps[slot] = packet.timestamp;
    this.#markers[slot] = packet.marker ? 1 : 0;
    this.#orientations[slot] = orientation;
    this.#arrivalsMs[slot] = arrivalMs;
    copyBytes(data, packet.payloadOffset, this.#bytes, slot * slotBytes, packet.payloadLength);
  }

  /** Hands on what has waited for the packet before it. */
  #drain(): void {
    if (this.#waiting === 0) return;
    while (this.#waits[this.#next % slots] === 1) this.#passStored(this.#next % slots);
    if (this.#waiting > 0) this.#gapMs = this.#arrivalsMs[this.#head() % slots] ?? 0;
  }

  #passStored(slot: number): void {
    const ordered = this.#ordered;
    ordered.offset = slot * slotBytes;
    ordered.length = this.#lengths[slot] ?? 0;
    ordered.timestamp = this.#timestamps[slot] ?? 0;
    ordered.marker = this.#markers[slot] === 1;
    ordered.orientation = this.#orientations[slot] ?? 0;
    ordered.arrivalMs = this.#arrivalsMs[slot] ?? 0;
    this.#waits[slot] = 0;
    this.#waiting -= 1;
    this.#next = (this.#next + 1) & 0xffff;
    this.#stream.take(ordered);
  }

  /** Hands on what waits before this sequence number and gives up the rest. */
  #skipTo(sequence: number): void {
    let missing = 0;
    while (this.#started && this.#next !== sequence) {
      const slot = this.#next % slots;
      if (this.#waits[slot] === 1) {
        if (missing > 0) this.#stream.lose(missing);
        missing = 0;
        this.#passStored(slot);
      } else {
        missing += 1;
        this.#next = (this.#next + 1) & 0xffff;
      }
    }
    if (missing > 0) this.#stream.lose(missing);
  }

  /** Sequence number of the first packet that waits; there is one. */
  #head(): number {
    let sequence = this.#next;
    while (this.#waits[sequence % slots] !== 1) sequence = (sequence + 1) & 0xffff;
    return sequence;
  }
}

function signed16(difference: number): number {
  return (difference << 16) >> 16;
}
