import type { VideoCodecName } from '#kernel/index.ts';
import { findHeaderExtension } from '../../rtp/headerExtension.ts';
import type { RtpPacket } from '../../rtp/packet.ts';
import { verdict, type Depacketizer } from './depacketizer.ts';
import { FrameBuffer } from './frameBuffer.ts';
import { H264Depacketizer } from './h264Depacketizer.ts';
import { PacketOrder, type OrderedPacket, type OrderedStream } from './packetOrder.ts';
import { Vp8Depacketizer } from './vp8Depacketizer.ts';

export const unknownOrientation = -1;

/** One whole frame; one object for all of them, good until `onFrame` returns. H.264: an access unit in Annex B. */
export interface AssembledFrame {
  data: Uint8Array;
  length: number;
  /** RTP timestamp, 90 kHz. */
  timestamp: number;
  keyFrame: boolean;
  /** When the last of its packets came. */
  arrivalMs: number;
  /**
   * Degrees clockwise by which it is to be turned before it is shown: 0, 90, 180, 270, or `unknownOrientation`. Stays until the
   * sender says otherwise.
   */
  orientation: number;
}

/**
 * One inbound stream: packets, in whatever order they come, to frames that a decoder can use. After a loss that is the next key
 * frame; for VP8 with temporal layers, what does not refer to the lost frames.
 */
export class FrameAssembler {
  /** Id of urn:3gpp:video-orientation (3GPP TS 26.114 §7.4.5), when the sender uses it. */
  orientationId: number | undefined;
  /** Packets that were given up. */
  lost = 0;
  /** Handed on, and thrown away: damaged, or not to be decoded without what was lost. */
  frames = 0;
  discarded = 0;
  readonly #onFrame: (frame: AssembledFrame) => void;
  readonly #buffer = new FrameBuffer();
  readonly #depacketizer: Depacketizer;
  readonly #h264: H264Depacketizer | undefined;
  readonly #order: PacketOrder;
  readonly #frame: AssembledFrame;
  #needsKeyFrame = true;
  /** Packets of a frame have come, but not its last; some of it is missing or malformed. */
  #open = false;
  #damaged = false;
  #afterLoss = false;

  constructor(codec: VideoCodecName, onFrame: (frame: AssembledFrame) => void) {
    this.#onFrame = onFrame;
    this.#h264 = codec === 'H264' ? new H264Depacketizer(this.#buffer) : undefined;
    this.#depacketizer = this.#h264 ?? new Vp8Depacketizer(this.#buffer);
    const stream: OrderedStream = {
      take: (packet) => this.#take(packet),
      lose: (count) => this.#lose(count),
      restart: () => this.#forget(),
    };
    this.#order = new PacketOrder(stream);
    this.#frame = {
      data: this.#buffer.data,
      length: 0,
      timestamp: 0,
      keyFrame: false,
      arrivalMs: 0,
      orientation: unknownOrientation,
    };
  }

  /** Nothing is handed on before a key frame. */
  get needsKeyFrame(): boolean {
    return this.#needsKeyFrame;
  }

  /** H.264 `sprop-parameter-sets` (RFC 6184 §8.1); used until the stream has brought its own. */
  setParameterSets(sprop: string): void {
    this.#h264?.parameterSets.describe(sprop);
  }

  /** `arrivalMs` is on the clock of `tick`. `data` is not kept. */
  receive(packet: RtpPacket, data: Uint8Array, arrivalMs: number): void {
    this.#order.receive(packet, data, this.#readOrientation(packet, data), arrivalMs);
  }

  /** Gives up what has been missing for too long, when nothing comes that would make `receive` do so. */
  tick(nowMs: number): void {
    this.#order.tick(nowMs);
  }

  /** The decoder could not use a frame. */
  decoderFailed(): void {
    this.#needsKeyFrame = true;
  }

  /** Forgets the stream, but not what its SDP says. */
  reset(): void {
    this.#order.reset();
    this.#forget();
  }

  #forget(): void {
    if (this.#open) this.discarded += 1;
    this.#open = false;
    this.#afterLoss = false;
    this.#needsKeyFrame = true;
    this.#frame.orientation = unknownOrientation;
    this.#depacketizer.reset();
  }

  #take(packet: OrderedPacket): void {
    // Padding, which probes the bandwidth.
    if (packet.length === 0) return;
    const frame = this.#frame;
    if (this.#open && packet.timestamp !== frame.timestamp) this.#finish();
    if (!this.#open) {
      this.#buffer.clear();
      this.#depacketizer.begin(this.#afterLoss);
      this.#open = true;
      this.#damaged = false;
      this.#afterLoss = false;
      frame.timestamp = packet.timestamp;
      frame.arrivalMs = packet.arrivalMs;
    }
    if (packet.arrivalMs > frame.arrivalMs) frame.arrivalMs = packet.arrivalMs;
    if (packet.orientation !== unknownOrientation) frame.orientation = packet.orientation;
    if (!this.#damaged) {
      this.#damaged = !this.#depacketizer.add(packet.data, packet.offset, packet.length);
    }
    if (packet.marker) this.#finish();
  }

  #lose(count: number): void {
    this.lost += count;
    this.#damaged = true;
    this.#afterLoss = true;
    if (!this.#depacketizer.lose()) this.#needsKeyFrame = true;
  }

  #finish(): void {
    this.#open = false;
    const result = this.#damaged ? verdict.broken : this.#depacketizer.end();
    if (result === verdict.empty) return;
    if (result === verdict.broken && !this.#depacketizer.lose()) this.#needsKeyFrame = true;
    if (result === verdict.key) this.#needsKeyFrame = false;
    if ((result !== verdict.key && result !== verdict.delta) || this.#needsKeyFrame) {
      this.discarded += 1;
      return;
    }
    this.frames += 1;
    const frame = this.#frame;
    frame.data = this.#buffer.data;
    frame.length = this.#buffer.length;
    frame.keyFrame = result === verdict.key;
    this.#onFrame(frame);
  }

  #readOrientation(packet: RtpPacket, data: Uint8Array): number {
    if (this.orientationId === undefined || packet.extensionLength === 0) return unknownOrientation;
    const at = findHeaderExtension(data, packet, this.orientationId);
    // 0000CFRR: RR is in steps of 90 degrees clockwise.
    return at < 0 ? unknownOrientation : ((data[at] ?? 0) & 0x03) * 90;
  }
}
