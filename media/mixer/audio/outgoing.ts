import { datagramBatch, type UdpSocket } from '../../native/index.ts';
import { rtpHeaderBytes, writeRtpHeader } from './rtp.ts';

const slotBytes = 1500;
const slots = 256;

/** Packets of one tick on their way to the socket. */
export class OutgoingPackets {
  /** Total since the start, and those that the kernel had no room for. */
  sent = 0;
  unsent = 0;
  readonly batch = datagramBatch(slots, slotBytes);
  count = 0;
  readonly #socket: Pick<UdpSocket, 'send'>;

  constructor(socket: Pick<UdpSocket, 'send'>) {
    this.#socket = socket;
  }

  /** Room for one more packet: its offset in `batch.data`. */
  claim(length: number, port: number): number {
    if (this.count === slots) this.flush();
    const slot = this.count;
    this.batch.lengths[slot] = length;
    this.batch.ports[slot] = port;
    this.count += 1;
    return slot * slotBytes;
  }

  flush(): void {
    if (this.count === 0) return;
    const sent = this.#socket.send(this.batch, this.count);
    this.sent += sent;
    // The queue of a loopback socket is full only when its reader stands still: then old audio is no loss.
    this.unsent += this.count - sent;
    this.count = 0;
  }
}

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
