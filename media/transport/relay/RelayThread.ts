import { Closable } from '#kernel/index.ts';
import { native, type MediaRelay } from '../../native/index.ts';
import { silenceMs } from './sourceLatch.ts';
import { noticeMs, type StreamListener } from './streamNotice.ts';
import { bindFailure } from './udp.ts';

/** What a zone's relay allows, and how it weighs delay against wake-ups. */
const limits = {
  maxLegs: 10_000,
  silenceMs,
  noticeMs,
  confirmMs: 2000,
  replayWindowPackets: 1024,
  maxStreams: 32,
  /** Some hundred datagrams: the worker sends to all phones at once. */
  receiveBufferBytes: 1 << 20,
  gatherMicroseconds: 500,
} as const;

/**
 * The native thread through which all packets between a zone's phones and the worker's plain transports go. These send to
 * one port on 127.0.0.1, so that it wakes once for many; the port of each tells the legs apart.
 */
export class RelayThread extends Closable {
  /** What phones' sockets are bound to. */
  readonly address: string;
  readonly native: MediaRelay;
  readonly #streams = new Map<number, StreamListener>();

  /** Throws `unavailable` when the system gives no socket or thread. */
  static create(address: string): RelayThread {
    return new RelayThread(address);
  }

  private constructor(address: string) {
    super();
    this.address = address;
    try {
      this.native = new native.MediaRelay({
        ...limits,
        address,
        onStream: (leg, ssrc, payloadType) => this.#noticed(leg, ssrc, payloadType),
      });
    } catch (error) {
      throw bindFailure(error, '127.0.0.1', 0);
    }
  }

  /** Where the worker's transports find it, on 127.0.0.1. */
  get port(): number {
    return this.native.loopbackPort;
  }

  /** A leg on `port` and the next; fails as `openUdp` does. */
  open(port: number, stream: StreamListener): number {
    try {
      const leg = this.native.open(port);
      this.#streams.set(leg, stream);
      return leg;
    } catch (error) {
      throw bindFailure(error, this.address, port);
    }
  }

  closeLeg(leg: number): void {
    if (this.#streams.delete(leg)) this.native.closeLeg(leg);
  }

  protected release(): void {
    this.#streams.clear();
    this.native.close();
  }

  #noticed(leg: number, ssrc: number, payloadType: number): void {
    const stream = this.#streams.get(leg);
    if (stream === undefined) return;
    const { current } = stream;
    this.native.takeStream(leg, current ?? -1);
    if (ssrc !== current) stream.appeared(ssrc, payloadType);
  }
}
