import type { VideoCodecName } from '#kernel/index.ts';
import type { VideoStreamStart } from '../contract.ts';
import type { OutgoingPackets } from '../rtp/outgoing.ts';
import type { Encoding } from './Encoding.ts';
import { OutboundVideoStream } from './rtp/OutboundVideoStream.ts';
import type { PacketizedFrame } from './rtp/PacketizedFrame.ts';
import { writeSenderReport } from './rtp/rtcp.ts';
import type { VideoSource } from './VideoSource.ts';

/** mediasoup cannot change between the encodings of a producer before it has a report of each. */
const reportIntervalMs = 1000;
/** A key frame request says that somebody is about to watch; whether he does is told soon after. */
const presumedDemandMs = 3000;

/** How often a stream wants a picture: each frame; now and then, so that it is known to live; hardly ever. */
export type StreamPace = 'full' | 'slow' | 'still';

/** One outgoing stream. What is encoded into it may change, at a key frame, without a trace in its header. */
export class PictureStream {
  readonly outbound: OutboundVideoStream;
  codec: VideoCodecName;
  /** As demand says. */
  wanted: StreamPace = 'full';
  /** A screen that is forwarded in it, instead of an encoding. */
  forwarded: VideoSource | undefined;
  #current: Encoding | undefined;
  #next: Encoding | undefined;
  #reportMs = Infinity;
  #presumedUntilMs = -Infinity;

  constructor(start: VideoStreamStart, wallMs: number) {
    this.outbound = new OutboundVideoStream(start, wallMs);
    this.codec = start.codec;
  }

  /** Other parameters; what is encoded for another codec does not go on. */
  change(start: VideoStreamStart, wallMs: number): void {
    if (start.codec !== this.codec) this.switchTo(undefined, 0);
    if (start.ssrc !== this.outbound.ssrc) this.#reportMs = Infinity;
    this.outbound.change(start, wallMs);
    this.codec = start.codec;
  }

  /** What goes into it, or will as soon as there is a key frame. */
  get encoding(): Encoding | undefined {
    return this.#next ?? this.#current;
  }

  pace(nowMs: number): StreamPace {
    return nowMs < this.#presumedUntilMs ? 'full' : this.wanted;
  }

  /** Goes over to another encoding at its next key frame, which is asked for. */
  switchTo(encoding: Encoding | undefined, nowMs: number): void {
    if (encoding === this.encoding) return;
    this.#next?.remove(this);
    if (encoding === undefined) {
      this.#current?.remove(this);
      this.#current = undefined;
    }
    this.#next = encoding === this.#current ? undefined : encoding;
    if (this.#next === undefined) return;
    this.#next.add(this);
    this.#next.requestKeyFrame(nowMs);
  }

  /** The encoding is about to end. */
  drop(encoding: Encoding): void {
    if (this.#current === encoding) this.#current = undefined;
    if (this.#next === encoding) this.#next = undefined;
  }

  /** Somebody who receives it asks. */
  requestKeyFrame(nowMs: number): void {
    this.#presumedUntilMs = nowMs + presumedDemandMs;
    this.forwarded?.requestKeyFrame();
    this.encoding?.requestKeyFrame(nowMs);
  }

  /** A frame of one of its encodings. */
  take(
    encoding: Encoding,
    frame: PacketizedFrame,
    keyFrame: boolean,
    wallMs: number,
    out: OutgoingPackets,
  ): void {
    if (this.#next === encoding && keyFrame) {
      this.#current?.remove(this);
      this.#current = encoding;
      this.#next = undefined;
    }
    // A picture of the one that comes in this same frame would be of the same moment.
    if (this.#current === encoding && this.#next?.keyFrameDue !== true) this.write(frame, wallMs, out);
  }

  write(frame: PacketizedFrame, wallMs: number, out: OutgoingPackets): void {
    this.outbound.write(out, frame, wallMs);
    if (this.#reportMs === Infinity) this.#report(wallMs, out);
  }

  /** Sends a report when it is time for one. */
  tick(wallMs: number, out: OutgoingPackets): void {
    if (wallMs >= this.#reportMs) this.#report(wallMs, out);
  }

  #report(wallMs: number, out: OutgoingPackets): void {
    this.#reportMs = wallMs + reportIntervalMs;
    writeSenderReport(out, this.outbound, wallMs);
  }
}
