import type { RemoteInfo, Socket } from 'node:dgram';
import { Closable } from '#kernel/index.ts';
import { isRtcp, isRtp, withoutHeaderExtension } from '../rtpPacket.ts';
import type { SrtpReceiver, SrtpSender } from '../srtp/session.ts';
import type { Loopback } from './Loopback.ts';
import type { PortRange } from './portRange.ts';
import { SourceLatch } from './sourceLatch.ts';
import { StreamNotice, type StreamListener } from './streamNotice.ts';
import { closeUdp, openUdp, sendUdp, type UdpAddress } from './udp.ts';

export interface RtpRelayOptions {
  readonly address: string;
  readonly ports: PortRange;
  readonly loopback: Loopback;
  readonly stream: StreamListener;
}

/** `pending` drops everything: a far end's key is not known yet. */
export type Protection =
  | { readonly kind: 'pending' }
  | { readonly kind: 'srtp'; readonly sender: SrtpSender; readonly receiver: SrtpReceiver }
  | { readonly kind: 'none' };

interface Sockets {
  readonly rtp: Socket;
  readonly rtcp: Socket;
}

/**
 * Between a phone's RTP port and the worker's plain transport on the loopback. It holds the port, the keys and the
 * phone's address, so all three outlive the worker (docs/adr/0001-srtp-of-phones-ends-in-a-relay.md).
 */
export class RtpRelay extends Closable {
  readonly port: number;
  readonly #sockets: Sockets;
  readonly #options: RtpRelayOptions;
  readonly #rtpLatch = new SourceLatch();
  readonly #rtcpLatch = new SourceLatch();
  readonly #streams: StreamNotice;
  #protection: Protection = { kind: 'pending' };
  #rtcpMux = false;
  #workerPort: number | undefined;

  static async create(options: RtpRelayOptions): Promise<RtpRelay> {
    const { address, ports } = options;
    const { port, value } = await ports.open(async (port) => {
      await using stack = new AsyncDisposableStack();
      const open = async (number: number): Promise<Socket> =>
        stack.adopt(await openUdp(address, number), closeUdp);
      const sockets = {
        rtp: await open(port),
        rtcp: await open(port + 1),
      };
      stack.move();
      return sockets;
    });
    return new RtpRelay(options, port, value);
  }

  private constructor(options: RtpRelayOptions, port: number, sockets: Sockets) {
    super();
    this.#options = options;
    this.port = port;
    this.#sockets = sockets;
    this.#streams = new StreamNotice(options.stream);
    sockets.rtp.on('message', (packet, source) => this.#fromPhone(packet, source, this.#rtpLatch));
    sockets.rtcp.on('message', (packet, source) => this.#fromPhone(packet, source, this.#rtcpLatch));
  }

  /** `performance.now()` when something acceptable last came; -Infinity before that. */
  get heardMs(): number {
    return Math.max(this.#rtpLatch.heardMs, this.#rtcpLatch.heardMs);
  }

  /** The worker's transport, or undefined while there is none. */
  set workerPort(port: number | undefined) {
    const { loopback } = this.#options;
    if (this.#workerPort !== undefined) loopback.forget(this.#workerPort);
    this.#workerPort = port;
    if (port !== undefined) loopback.listen(port, (packet) => this.#fromWorker(packet));
  }

  set protection(protection: Protection) {
    this.#protection = protection;
  }

  /** What the phone's description says of where it receives. */
  describe(rtp: UdpAddress, rtcpPort: number | undefined, rtcpMux: boolean): void {
    this.#rtcpMux = rtcpMux;
    this.#rtpLatch.describe(rtp);
    this.#rtcpLatch.describe({ address: rtp.address, port: rtcpPort ?? rtp.port + 1 });
  }

  protected async release(): Promise<void> {
    this.workerPort = undefined;
    await Promise.all([closeUdp(this.#sockets.rtp), closeUdp(this.#sockets.rtcp)]);
    this.#options.ports.giveBack(this.port);
  }

  #fromPhone(packet: Buffer, source: RemoteInfo, latch: SourceLatch): void {
    const rtcp = isRtcp(packet);
    if (!rtcp && !isRtp(packet)) return;
    const plain = this.#opened(packet, rtcp);
    if (plain === undefined) return;
    const trust = this.#protection.kind === 'srtp' ? 'authenticated' : 'unverified';
    // A packet that was overtaken on its way says nothing about where the phone is now.
    if (plain.newest && !latch.accept(source, trust, performance.now())) return;
    if (!rtcp) this.#streams.notice(plain.packet);
    if (this.#workerPort !== undefined) this.#options.loopback.send(plain.packet, this.#workerPort);
  }

  #opened(packet: Buffer, rtcp: boolean): { packet: Buffer; newest: boolean } | undefined {
    const protection = this.#protection;
    if (protection.kind === 'pending') return undefined;
    if (protection.kind === 'none') return { packet, newest: true };
    return rtcp ? protection.receiver.unprotectRtcp(packet) : protection.receiver.unprotectRtp(packet);
  }

  #fromWorker(packet: Buffer): void {
    const rtcp = isRtcp(packet);
    const apart = rtcp && !this.#rtcpMux;
    const to = (apart ? this.#rtcpLatch : this.#rtpLatch).destination;
    // The worker writes its extensions into every packet, also when none was negotiated.
    const sealed = this.#sealed(rtcp ? packet : withoutHeaderExtension(packet), rtcp);
    if (to === undefined || sealed === undefined) return;
    sendUdp(apart ? this.#sockets.rtcp : this.#sockets.rtp, sealed, to);
  }

  #sealed(packet: Buffer, rtcp: boolean): Buffer | undefined {
    const protection = this.#protection;
    if (protection.kind === 'pending') return undefined;
    if (protection.kind === 'none') return packet;
    return rtcp ? protection.sender.protectRtcp(packet) : protection.sender.protectRtp(packet);
  }
}
