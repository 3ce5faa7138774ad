import { createRequire } from 'node:module';
import type { SrtpSuite, VideoCodecName } from '#kernel/index.ts';

/**
 * The N-API addon: thin wrappers of Debian's codec libraries, batched UDP, and the phones' RTP relay. Every method checks its arguments and
 * throws a TypeError or RangeError that names the wrong one (a TypeError too when the object is closed); damaged media
 * is never an exception, it is a negative return value. PCM is mono, 16 bit. Arrays may stand on SharedArrayBuffers.
 * Objects free their native state on `close()`, which may be called twice, at the latest when collected. They belong to
 * the thread that made them; any number of threads may load the addon.
 */
export interface NativeAddon {
  OpusEncoder: new (options: OpusEncoderOptions) => OpusEncoder;
  OpusDecoder: new (options: { sampleRateHz: 48000 | 16000 | 8000 }) => OpusDecoder;
  /** 64 kbit/s, 16 kHz; takes 320 samples (20 ms) at a time and makes 160 bytes of them. */
  G722Encoder: new () => FrameEncoder;
  G722Decoder: new () => FrameDecoder;
  /** 8 kHz, one byte a sample. */
  G711Codec: new (law: 'PCMA' | 'PCMU') => FrameEncoder & FrameDecoder;
  VideoDecoder: new (options: { codec: VideoCodecName; maxPixels: number }) => VideoDecoder;
  Vp8Encoder: new (options: VideoEncoderOptions) => VideoEncoder;
  /**
   * Constrained baseline; every NAL unit has `maxSliceBytes` (200..65535) at most, with its header and without its start code of
   * four bytes. The level is the lowest that allows size and rate; an Error where there is none (above 36,864 macroblocks).
   */
  H264Encoder: new (options: VideoEncoderOptions & { readonly maxSliceBytes: number }) => VideoEncoder;
  /** `quality` is 1..100, about as libjpeg counts. */
  JpegEncoder: new (options: { width: number; height: number; quality: number }) => JpegEncoder;
  pictures: PictureFunctions;
  /** Draws one line of text with Pango; line ends and control characters are spaces. Not on a frame path. */
  renderText: (text: string, options: TextOptions) => TextMask;
  UdpSocket: new (options: UdpSocketOptions) => UdpSocket;
  MediaRelay: new (options: MediaRelayOptions) => MediaRelay;
}

/** What `decode` returns when the packet is fine and `out` too short for it; the same for all codecs. */
export const outTooShort = -2;
/** What `decode` returns for a packet that cannot be decoded; libraries have other negative numbers besides. */
export const damagedPacket = -4;

export interface OpusEncoderOptions {
  readonly sampleRateHz: 48000;
  /** 6000..256000 */
  readonly bitrate: number;
  /** 0..10 */
  readonly complexity: number;
  /**
   * `audio` prefers CELT, which is cheap and carries no in-band FEC; `voip` prefers SILK and hybrid, which can. With FEC
   * on and a loss of 6 % or more announced, `audio` changes to hybrid by itself (libopus 1.3.1).
   */
  readonly application: 'audio' | 'voip';
}

export interface FrameEncoder {
  /** Bytes written to `out`, or a negative library error. Opus takes 2.5 to 120 ms; in DTX it writes 1 or 2 bytes. */
  encode(pcm: Int16Array, out: Uint8Array): number;
  close(): void;
}

export interface OpusEncoder extends FrameEncoder {
  setBitrate(bitsPerSecond: number): void;
  /** In-band FEC on or off, and the loss to plan for in percent (0..100). */
  setForwardErrorCorrection(enabled: boolean, lossPercent: number): void;
  setDtx(enabled: boolean): void;
  reset(): void;
}

export interface FrameDecoder {
  /**
   * Decodes `length` bytes of `packet` from `offset`; samples written to `out`, or a negative error. The packet says
   * how many samples it holds: for Opus up to 120 ms.
   */
  decode(packet: Uint8Array, offset: number, length: number, out: Int16Array): number;
  close(): void;
}

export interface OpusDecoder extends FrameDecoder {
  /**
   * The previous, lost frame from the FEC data in this packet; `out` has the lost frame's length, a multiple of 2.5 ms.
   * Conceals when there is no such data in it. Decode the packet itself afterwards.
   */
  decodeForwardErrorCorrection(packet: Uint8Array, offset: number, length: number, out: Int16Array): number;
  /** Packet loss concealment for `out.length` samples, a multiple of 2.5 ms up to 120 ms. */
  conceal(out: Int16Array): number;
  reset(): void;
}

/*
 * A picture is I420 in one Uint8Array: `width * height` bytes of Y, then two planes of `width/2 * height/2`, all without
 * padding. Widths and heights are even.
 */

export interface VideoEncoderOptions {
  /** Even, 16..4096. */
  readonly width: number;
  readonly height: number;
  /** Bits per second, 10,000..50,000,000; whole. */
  readonly bitrate: number;
  /** 1..60, whole; what rate control plans for. At fewer pictures than this the bitrate is not used up. */
  readonly frameRate: number;
}

/** CBR, one thread, no B frames, no look-ahead; a key frame comes first and then only when asked for. */
export interface VideoEncoder {
  /**
   * Encodes a picture; `timestamp` is on a 90 kHz clock and must grow. Bytes written to `out` (H.264: Annex B, parameter sets before
   * each IDR), 0 when the encoder dropped the frame, or a negative error: `outTooShort` too, after which the next is a key frame.
   */
  encode(picture: Uint8Array, timestamp: number, forceKeyFrame: boolean, out: Uint8Array): number;
  /** Of the last `encode` that wrote something. */
  readonly keyFrame: boolean;
  setBitrate(bitsPerSecond: number): void;
  setFrameRate(framesPerSecond: number): void;
  close(): void;
}

/**
 * libavcodec. Damaged data is a negative number and never ends it; it goes on at the next key frame at the latest. Where only a part
 * of a picture is lost, that is concealed, and the picture is a new one: the caller has to know what is missing.
 */
export interface VideoDecoder {
  /**
   * One frame (H.264: an access unit in Annex B), 6 MiB at most. 1: there is a new picture; 0: none yet; negative: damaged, more
   * pixels than allowed, or not 8 bit 4:2:0.
   */
  decode(frame: Uint8Array, offset: number, length: number): number;
  /** Of the newest picture; 0 before the first. */
  readonly width: number;
  readonly height: number;
  /** The newest picture was a key frame. */
  readonly keyFrame: boolean;
  /**
   * Scales a part of the newest picture into a part of `canvas`. The part of the source is in pixels of the picture after turning it
   * clockwise by `rotation` degrees, and is cut where it reaches over. Positions and sizes may be fractions and are rounded down to
   * even numbers; a target that reaches over the canvas is a RangeError. False when there is no picture.
   */
  draw(
    canvas: Uint8Array,
    canvasWidth: number,
    canvasHeight: number,
    sourceX: number,
    sourceY: number,
    sourceWidth: number,
    sourceHeight: number,
    targetX: number,
    targetY: number,
    targetWidth: number,
    targetHeight: number,
    rotation: 0 | 90 | 180 | 270,
  ): boolean;
  /** Forgets everything; the picture too. */
  reset(): void;
  close(): void;
}

export interface JpegEncoder {
  /** Bytes written, or a negative error. */
  encode(picture: Uint8Array, out: Uint8Array): number;
  close(): void;
}

/** libyuv, on pictures of 2..8192 pixels each way. Rectangles may be fractions and are rounded down to even numbers; one that reaches over its picture is a RangeError. */
export interface PictureFunctions {
  /** All of `source` into all of `target`, with the filter that suits the factor. */
  scale(
    source: Uint8Array,
    sourceWidth: number,
    sourceHeight: number,
    target: Uint8Array,
    targetWidth: number,
    targetHeight: number,
  ): void;
  /** Copies a rectangle of one picture into another. */
  copy(
    source: Uint8Array,
    sourceWidth: number,
    sourceHeight: number,
    sourceX: number,
    sourceY: number,
    target: Uint8Array,
    targetWidth: number,
    targetHeight: number,
    targetX: number,
    targetY: number,
    width: number,
    height: number,
  ): void;
  /** One colour (BT.601 limited range). */
  fill(
    target: Uint8Array,
    targetWidth: number,
    targetHeight: number,
    x: number,
    y: number,
    width: number,
    height: number,
    luma: number,
    blueDifference: number,
    redDifference: number,
  ): void;
  /** Puts `source` over `target` at x, y by `alpha`: one byte a pixel, `width * height` of the source, 255 for opaque. */
  blend(
    source: Uint8Array,
    alpha: Uint8Array,
    sourceWidth: number,
    sourceHeight: number,
    target: Uint8Array,
    targetWidth: number,
    targetHeight: number,
    x: number,
    y: number,
  ): void;
}

export interface TextOptions {
  /** 6..400 */
  readonly sizePx: number;
  /** 2..8192. Longer text is cut with an ellipsis. */
  readonly maxWidthPx: number;
  readonly bold: boolean;
}

/** How much ink is on each pixel: 0..255, `width * height`. Both even and at least 2. */
export interface TextMask {
  readonly width: number;
  readonly height: number;
  readonly mask: Uint8Array;
}

export interface UdpSocketOptions {
  /** IPv4 address to bind to, not 0.0.0.0: datagrams are sent to the same address. */
  readonly address: string;
  /** 0: any. */
  readonly port: number;
  /** 4096..2^28. The kernel doubles it, and caps it at net.core.rmem_max. */
  readonly receiveBufferBytes?: number;
}

/** A batch of datagrams in one flat buffer; packet i is at `i * slotBytes`. Made once, used for ever. */
export interface DatagramBatch {
  /** 1..65536 */
  readonly slotBytes: number;
  readonly data: Uint8Array;
  /** Its length is the number of slots; the other arrays have room for as many at least. */
  readonly lengths: Int32Array;
  /** Destination ports for send, source ports for receive. */
  readonly ports: Int32Array;
  /** Receive only: kernel arrival time, milliseconds since the epoch. */
  readonly arrivalMs: Float64Array;
}

/** Makes an empty batch; not on a hot path. */
export function datagramBatch(slots: number, slotBytes: number): DatagramBatch {
  return {
    slotBytes,
    data: new Uint8Array(slots * slotBytes),
    lengths: new Int32Array(slots),
    ports: new Int32Array(slots),
    arrivalMs: new Float64Array(slots),
  };
}

/**
 * Non-blocking UDP to and from one host (the peer address is the bound address's host, 127.0.0.1 in practice). What the
 * system refuses is an Error with the system's `code`, as node's own have.
 */
export interface UdpSocket {
  readonly port: number;
  /** recvmmsg: how many datagrams were read, 0 when none wait. Longer ones than a slot are dropped and counted. */
  receive(batch: DatagramBatch): number;
  /** sendmmsg of the first `count`: how many the kernel took, less than `count` when its queue is full. */
  send(batch: DatagramBatch, count: number): number;
  /** Datagrams that were dropped because a slot was too short for them. */
  readonly truncated: number;
  /** What the kernel gave, its own overhead included. */
  readonly receiveBufferBytes: number;
  close(): void;
}

export interface MediaRelayOptions {
  /** What legs' sockets bind to: an IPv4 or IPv6 address. */
  readonly address: string;
  /** Of each socket; as in UdpSocketOptions. */
  readonly receiveBufferBytes: number;
  /** 0..10,000: how long the thread waits after a round of packets, so that it wakes for many at once. */
  readonly gatherMicroseconds: number;
  readonly maxLegs: number;
  /** How long a leg's source must be silent before unauthenticated packets may come from another. */
  readonly silenceMs: number;
  /** A leg's stream that is not the one taken is told of this often at most. */
  readonly noticeMs: number;
  /** And any stream this often, so that whoever takes another one meanwhile learns that the old one still comes. */
  readonly confirmMs: number;
  /** 64..32767: how far behind the newest SRTP packet one may still come. */
  readonly replayWindowPackets: number;
  /** 1..1024: SSRCs that are remembered for one key; the one unused for longest is forgotten. */
  readonly maxStreams: number;
  /** On the thread that made the relay; may still come for a leg that was closed a moment ago. */
  readonly onStream: (leg: number, ssrc: number, payloadType: number) => void;
}

export interface RelayStatistics {
  /** Accepted from the far end; sent to it. Packets, as all of these. */
  readonly received: number;
  readonly sent: number;
  /** Forged, replayed, under another key, or before a key was known. */
  readonly rejected: number;
  /** Neither RTP nor RTCP, malformed, or longer than 1,800 bytes. */
  readonly foreign: number;
  /** Not authenticated, and not from where the leg is heard. */
  readonly stray: number;
  /** For the far end, but it had no address or key, or the system did not take it. */
  readonly unsent: number;
}

/**
 * One native thread that copies RTP and RTCP between legs' UDP ports and one socket on 127.0.0.1, where a leg's peer is
 * told by its port, and does SRTP on the way. Datagrams never reach JavaScript. Legs are numbers, not used twice.
 * What the system refuses is an Error with the system's `code`. It is collected by itself only if `onStream` does not know it.
 */
export interface MediaRelay {
  /** Where all workers' transports find it, on 127.0.0.1. */
  readonly loopbackPort: number;
  /** A leg on `port` and, for RTCP, `port + 1`. Its protection is `pending`. */
  open(port: number): number;
  /** No packet of the leg is sent after this, and its ports are free. */
  closeLeg(leg: number): void;
  /**
   * `pending` drops everything. Keys are master key and salt together; a direction and suite whose key is the same
   * as before goes on where it was.
   */
  setProtection(leg: number, protection: 'pending' | 'none'): void;
  setProtection(leg: number, protection: SrtpSuite, sendKey: Uint8Array, receiveKey: Uint8Array): void;
  /**
   * Where the far end's description says it receives RTP or RTCP; a change drops what was learned. False, and nothing
   * changes, when that is no address that the leg's sockets can send to.
   */
  describe(leg: number, rtcp: boolean, address: string, port: number): boolean;
  /** Whether RTCP is sent from and to the RTP port. Both are always received on both. */
  setRtcpMux(leg: number, rtcpMux: boolean): void;
  /** The worker's transport on 127.0.0.1; 0 for none. */
  setWorkerPort(leg: number, port: number): void;
  /** Which stream is taken; -1 for none. */
  takeStream(leg: number, ssrc: number): void;
  /** Since something acceptable last came; Infinity before that. */
  silentMs(leg: number): number;
  statistics(leg: number): RelayStatistics;
  /** Ends the thread and closes all legs. */
  close(): void;
}

export const native = createRequire(import.meta.url)('../../build/zonebridge.node') as NativeAddon;
