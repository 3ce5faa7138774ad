import { randomInt } from 'node:crypto';
import type { VideoCodecName } from '#kernel/index.ts';
import type { VideoInbound, VideoStreamStart } from '#media/mixer/index.ts';
import { OutgoingPackets } from '#media/mixer/rtp/outgoing.ts';
import { OutboundVideoStream } from '#media/mixer/video/rtp/OutboundVideoStream.ts';
import { isRtcp, readFeedback } from '#media/mixer/video/rtp/rtcp.ts';
import { datagramBatch, native } from '#media/native/index.ts';
import { framesPerSecond, type Clip } from './clip.ts';

const slots = 256;
const slotBytes = 1500;
const payloadTypes: Record<VideoCodecName, number> = { VP8: 101, H264: 102 };

interface Camera {
  readonly inbound: VideoInbound;
  readonly stream: OutboundVideoStream;
  readonly clip: Clip;
  next: number;
  dueMs: number;
}

/** Senders and receivers of video on one socket, as mediasoup's worker is for the mixer. Must be closed. */
export class Cameras implements Disposable {
  readonly #socket = new native.UdpSocket({ address: '127.0.0.1', port: 0, receiveBufferBytes: 8 << 20 });
  readonly #out = new OutgoingPackets(this.#socket);
  readonly #in = datagramBatch(slots, slotBytes);
  readonly #cameras: Camera[] = [];
  readonly #timer: NodeJS.Timeout;
  #added = 0;
  /** Of each SSRC that arrives: frames, by their marker bits, and packets. */
  readonly received = new Map<number, { frames: number; packets: number }>();
  keyFrameRequests = 0;

  constructor() {
    this.#timer = setInterval(() => this.#wake(), 4);
  }

  get port(): number {
    return this.#socket.port;
  }

  /** Starts to send a clip to `mixerPort`, over and over; again from its key frame when one is asked for. */
  add(codec: VideoCodecName, clip: Clip, mixerPort: number): VideoInbound {
    const payloadType = payloadTypes[codec];
    const ssrc = 0x1000 + this.#added;
    this.#added += 1;
    const start = {
      ssrc,
      port: mixerPort,
      payloadType,
      codec,
      sequenceOffset: randomInt(2 ** 16),
      timestampOffset: 0,
    };
    const inbound = { ssrc, payloadType, codec };
    const stream = new OutboundVideoStream(start, Date.now());
    const dueMs = performance.now() + (this.#cameras.length * 1000) / framesPerSecond / 9;
    this.#cameras.push({ inbound, stream, clip, next: 0, dueMs });
    return inbound;
  }

  /** Ends what `add` began. */
  remove({ ssrc }: VideoInbound): void {
    const index = this.#cameras.findIndex(({ inbound }) => inbound.ssrc === ssrc);
    if (index !== -1) this.#cameras.splice(index, 1);
  }

  /** A stream that the mixer is to send here. */
  stream(codec: VideoCodecName, ssrc: number): VideoStreamStart {
    const payloadType = payloadTypes[codec];
    return {
      ssrc,
      port: this.port,
      payloadType,
      codec,
      sequenceOffset: randomInt(2 ** 16),
      timestampOffset: 0,
    };
  }

  framesOf(ssrc: number): number {
    return this.received.get(ssrc)?.frames ?? 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #wake(): void {
    const nowMs = performance.now();
    for (const camera of this.#cameras) if (camera.dueMs <= nowMs) this.#show(camera);
    this.#out.flush();
    this.#receive();
  }

  #show(camera: Camera): void {
    const frame = camera.clip[camera.next % camera.clip.length];
    camera.next += 1;
    camera.dueMs += 1000 / framesPerSecond;
    if (frame !== undefined) camera.stream.write(this.#out, frame, Date.now());
  }

  #receive(): void {
    const { data, lengths } = this.#in;
    for (let count = slots; count === slots;) {
      count = this.#socket.receive(this.#in);
      for (let slot = 0; slot < count; slot += 1) this.#take(data, slot * slotBytes, lengths[slot] ?? 0);
    }
  }

  #take(data: Uint8Array, at: number, length: number): void {
    if (isRtcp(data, at, length)) {
      readFeedback(data, at, length, this.#startOver);
      return;
    }
    const view = new DataView(data.buffer, data.byteOffset + at, length);
    const ssrc = view.getUint32(8);
    const counts = this.received.get(ssrc) ?? { frames: 0, packets: 0 };
    counts.packets += 1;
    if ((view.getUint8(1) & 0x80) !== 0) counts.frames += 1;
    this.received.set(ssrc, counts);
  }

  readonly #startOver = (ssrc: number): void => {
    this.keyFrameRequests += 1;
    const camera = this.#cameras.find(({ inbound }) => inbound.ssrc === ssrc);
    if (camera !== undefined) camera.next = 0;
  };
}
