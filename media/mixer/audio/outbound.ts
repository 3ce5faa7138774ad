import type { OutgoingPackets } from '../rtp/outgoing.ts';
import { rtpHeaderBytes, writeRtpHeader } from '../rtp/packet.ts';

/** Where a leg's stream stands. */
export interface StreamStart {
  readonly ssrc: number;
  readonly port: number;
  readonly sequenceOffset: number;
  readonly timestampOffset: number;
}

/** A leg's own outgoing stream: SSRC, sequence and timestamp go on whatever is encoded into it. */
export class OutboundStream {
  ssrc: number;
  port: number;
  payloadType: number;
  #duration: number;
  #sequence: number;
  #timestamp: number;
  #marker = true;

  /** `tick`: of the wall clock, so that a stream that starts again is ahead of where it stopped. */
  constructor(start: StreamStart, payloadType: number, duration: number, tick: number) {
    this.ssrc = start.ssrc;
    this.port = start.port;
    this.payloadType = payloadType;
    this.#duration = duration;
    this.#sequence = (start.sequenceOffset + tick) & 0xffff;
    this.#timestamp = startTimestamp(start, duration, tick);
  }

  /** Goes on under other parameters. Another RTP clock sets the timestamp anew; the sequence has no gap. */
  change(start: StreamStart, payloadType: number, duration: number, tick: number): void {
    if (start.ssrc !== this.ssrc) {
      this.#sequence = (start.sequenceOffset + tick) & 0xffff;
      this.#timestamp = startTimestamp(start, duration, tick);
    } else if (duration !== this.#duration) this.#timestamp = startTimestamp(start, duration, tick);
    if (start.ssrc !== this.ssrc || payloadType !== this.payloadType) this.#marker = true;
    this.ssrc = start.ssrc;
    this.port = start.port;
    this.payloadType = payloadType;
    this.#duration = duration;
  }

  write(out: OutgoingPackets, payload: Uint8Array, length: number): void {
    const at = out.claim(rtpHeaderBytes + length, this.port);
    const data = out.batch.data;
    writeRtpHeader(data, at, this.payloadType, this.#marker, this.#sequence, this.#timestamp, this.ssrc);
    const to = at + rtpHeaderBytes;
    for (let index = 0; index < length; index += 1) data[to + index] = payload[index] ?? 0;
    this.#marker = false;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + this.#duration) >>> 0;
  }

  /** Time passed in which nothing was sent: the timestamp says so (RFC 3550 §5.1). */
  skip(ticks: number): void {
    this.#timestamp = (this.#timestamp + ticks * this.#duration) >>> 0;
    this.#marker = true;
  }
}

function startTimestamp(start: StreamStart, duration: number, tick: number): number {
  return (start.timestampOffset + tick * duration) >>> 0;
}
