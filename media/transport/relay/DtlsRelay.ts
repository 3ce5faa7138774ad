import type { RemoteInfo, Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { Closable, ZonebridgeError } from '#kernel/index.ts';
import { isDtls, isRtcp, isRtp, isStun } from '../rtpPacket.ts';
import { SourceLatch } from './sourceLatch.ts';
import { StreamNotice, type StreamListener } from './streamNotice.ts';
import { bindingRequestOf, isBindingSuccess, type ConnectivityCheck } from './stun.ts';
import { closeUdp, openUdp, sendUdp, type UdpAddress } from './udp.ts';

const checkIntervalMs = 100;
const checkAttempts = 20;

export interface DtlsRelayOptions {
  /** Bound to the leg's public port; stays its owner's. */
  readonly socket: Socket;
  readonly stream: StreamListener;
}

/**
 * Lets a phone that speaks DTLS-SRTP without ICE reach the worker, whose transports want an ICE check first: makes that
 * check itself, then copies datagrams both ways. It sees SSRCs, never keys.
 */
export class DtlsRelay extends Closable {
  readonly #public: Socket;
  readonly #worker: Socket;
  readonly #latch = new SourceLatch();
  readonly #streams: StreamNotice;
  #candidate: UdpAddress | undefined;
  #checked: (() => void) | undefined;
  #transactionId: Buffer = Buffer.alloc(0);

  static async create({ socket, stream }: DtlsRelayOptions): Promise<DtlsRelay> {
    return new DtlsRelay(socket, await openUdp('127.0.0.1', 0), stream);
  }

  private constructor(socket: Socket, worker: Socket, stream: StreamListener) {
    super();
    this.#public = socket;
    this.#worker = worker;
    this.#streams = new StreamNotice(stream);
    socket.on('message', (packet, source) => this.#fromPhone(packet, source));
    worker.on('message', (packet, source) => this.#fromWorker(packet, source));
  }

  /** `performance.now()` when something acceptable last came; -Infinity before that. */
  get heardMs(): number {
    return this.#latch.heardMs;
  }

  describe(address: UdpAddress): void {
    this.#latch.describe(address);
  }

  /** Makes the worker's transport take us for its peer. Throws `unreachable` when it does not answer. */
  async connect(candidate: UdpAddress, check: ConnectivityCheck): Promise<void> {
    this.#candidate = candidate;
    const { packet, transactionId } = bindingRequestOf(check);
    this.#transactionId = transactionId;
    const checked = new Promise<true>((resolve) => (this.#checked = () => resolve(true)));
    for (let attempt = 0; attempt < checkAttempts && !this.closed; attempt += 1) {
      sendUdp(this.#worker, packet, candidate);
      if (await Promise.race([checked, sleep(checkIntervalMs, false)])) return;
    }
    throw new ZonebridgeError(
      'unreachable',
      "the media worker does not answer the relay's connectivity check",
    );
  }

  protected async release(): Promise<void> {
    this.#public.removeAllListeners('message');
    await closeUdp(this.#worker);
  }

  #fromPhone(packet: Buffer, source: RemoteInfo): void {
    const rtp = isRtp(packet);
    if (!rtp && !isRtcp(packet) && !isDtls(packet)) return; // STUN of the phone's is not for the worker
    if (this.#candidate === undefined || (rtp && !this.#latch.latched)) return;
    if (!this.#latch.accept(source, 'unverified', performance.now())) return;
    if (rtp) this.#streams.notice(packet);
    sendUdp(this.#worker, packet, this.#candidate);
  }

  #fromWorker(packet: Buffer, source: RemoteInfo): void {
    if (source.port !== this.#candidate?.port) return;
    if (isStun(packet)) {
      if (isBindingSuccess(packet, this.#transactionId)) this.#checked?.();
      return;
    }
    const to = this.#latch.destination;
    if (to !== undefined) sendUdp(this.#public, packet, to);
  }
}
