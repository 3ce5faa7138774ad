import { createRequire } from 'node:module';

/**
 * The N-API addon: thin wrappers of Debian's codec libraries and batched UDP. Every method checks its arguments and
 * throws a TypeError or RangeError for a wrong one; damaged media is never an exception, it is a return value.
 * PCM is mono, 16 bit. Objects free their native state on `close()`, at the latest when collected.
 */
export interface NativeAddon {
  OpusEncoder: new (options: OpusEncoderOptions) => OpusEncoder;
  OpusDecoder: new (options: { sampleRateHz: 48000 | 16000 | 8000 }) => OpusDecoder;
  G722Encoder: new () => FrameEncoder;
  G722Decoder: new () => FrameDecoder;
  G711Codec: new (law: 'PCMA' | 'PCMU') => FrameEncoder & FrameDecoder;
  UdpSocket: new (options: UdpSocketOptions) => UdpSocket;
}

export interface OpusEncoderOptions {
  readonly sampleRateHz: 48000;
  /** 6000..256000 */
  readonly bitrate: number;
  /** 0..10 */
  readonly complexity: number;
  /** `audio` prefers CELT, `voip` SILK and hybrid. */
  readonly application: 'audio' | 'voip';
}

export interface FrameEncoder {
  /** Bytes written to `out`, or a negative library error. */
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
  /** Decodes `length` bytes of `packet` from `offset`; samples written to `out`, or a negative library error. */
  decode(packet: Uint8Array, offset: number, length: number, out: Int16Array): number;
  close(): void;
}

export interface OpusDecoder extends FrameDecoder {
  /** The previous, lost frame from the FEC data in this packet; `out` has the lost frame's length. */
  decodeForwardErrorCorrection(packet: Uint8Array, offset: number, length: number, out: Int16Array): number;
  /** Packet loss concealment for `out.length` samples. */
  conceal(out: Int16Array): number;
  reset(): void;
}

export interface UdpSocketOptions {
  /** IPv4 address to bind to. */
  readonly address: string;
  /** 0: any. */
  readonly port: number;
  readonly receiveBufferBytes?: number;
}

/** A batch of datagrams in one flat buffer; packet i is at `i * slotBytes`. Made once, used for ever. */
export interface DatagramBatch {
  readonly slotBytes: number;
  readonly data: Uint8Array;
  readonly lengths: Int32Array;
  /** Destination ports for send, source ports for receive. */
  readonly ports: Int32Array;
  /** Receive only: kernel arrival time, milliseconds since the epoch. */
  readonly arrivalMs: Float64Array;
}

/** Non-blocking UDP to and from one host (the peer address is the bound address's host, 127.0.0.1 in practice). */
export interface UdpSocket {
  readonly port: number;
  /** recvmmsg: how many datagrams were read, 0 when none wait. Longer ones than a slot are dropped and counted. */
  receive(batch: DatagramBatch): number;
  /** sendmmsg of the first `count`: how many the kernel took. */
  send(batch: DatagramBatch, count: number): number;
  readonly truncated: number;
  close(): void;
}

export const native = createRequire(import.meta.url)('../../build/zonebridge.node') as NativeAddon;
