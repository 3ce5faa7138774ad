import { createRequire } from 'node:module';
import type { SrtpSuite } from '#kernel/index.ts';

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
