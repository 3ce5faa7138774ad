import type { SrtpSuite } from '#kernel/index.ts';
import { headerBytesOf, sequenceOf, ssrcOf } from './packet.ts';
import { estimateIndex, ReplayWindow } from './packetIndex.ts';
import { createTransform, type SrtpTransform } from './transforms.ts';

/** Streams that are remembered at once; a far end that makes up SSRCs without end must not fill our memory. */
const maxStreams = 32;

/** Encrypts what we send (RFC 3711). `master` is key and salt together. */
export class SrtpSender {
  readonly #transform: SrtpTransform;
  readonly #streams = new Map<number, { highest: number }>();
  #rtcpIndex = 0;

  constructor(suite: SrtpSuite, master: Buffer) {
    this.#transform = createTransform(suite, master);
  }

  /** Undefined when the packet is malformed. */
  protectRtp(packet: Buffer): Buffer | undefined {
    const ssrc = ssrcOf(packet);
    const stream = this.#streams.get(ssrc) ?? remembered(this.#streams, ssrc, { highest: -1 });
    const index = estimateIndex(stream.highest, sequenceOf(packet));
    if (index > stream.highest) stream.highest = index;
    return this.#transform.protectRtp(packet, index);
  }

  /** One index for all SSRCs: it must only never repeat (RFC 3711 §3.4). */
  protectRtcp(packet: Buffer): Buffer {
    this.#rtcpIndex += 1;
    return this.#transform.protectRtcp(packet, this.#rtcpIndex);
  }
}

/** A packet that is authentic, and whether it is the newest of its stream. */
export interface Unprotected {
  readonly packet: Buffer;
  readonly newest: boolean;
}

/** Authenticates and decrypts what arrives; what is forged, replayed or malformed is undefined. */
export class SrtpReceiver {
  readonly #transform: SrtpTransform;
  readonly #rtp = new Map<number, ReplayWindow>();
  readonly #rtcp = new Map<number, ReplayWindow>();

  constructor(suite: SrtpSuite, master: Buffer) {
    this.#transform = createTransform(suite, master);
  }

  unprotectRtp(packet: Buffer): Unprotected | undefined {
    if (headerBytesOf(packet) === undefined) return undefined;
    const ssrc = ssrcOf(packet);
    const window = this.#rtp.get(ssrc) ?? new ReplayWindow();
    const index = estimateIndex(window.highest, sequenceOf(packet));
    if (!window.isFresh(index)) return undefined;
    const plain = this.#transform.unprotectRtp(packet, index);
    if (plain === undefined) return undefined;
    const newest = index > window.highest;
    if (window.highest < 0) remembered(this.#rtp, ssrc, window);
    window.accept(index);
    return { packet: plain, newest };
  }

  unprotectRtcp(packet: Buffer): Unprotected | undefined {
    const plain = this.#transform.unprotectRtcp(packet);
    if (plain === undefined) return undefined;
    const ssrc = packet.readUInt32BE(4);
    const window = this.#rtcp.get(ssrc) ?? new ReplayWindow();
    if (!window.isFresh(plain.index)) return undefined;
    const newest = plain.index > window.highest;
    if (window.highest < 0) remembered(this.#rtcp, ssrc, window);
    window.accept(plain.index);
    return { packet: plain.packet, newest };
  }
}

/** Adds a stream; the oldest is forgotten when there are too many. */
function remembered<T>(map: Map<number, T>, ssrc: number, value: T): T {
  const oldest = map.keys().next();
  if (map.size >= maxStreams && oldest.done !== true) map.delete(oldest.value);
  map.set(ssrc, value);
  return value;
}
