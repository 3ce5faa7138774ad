import { Closable, type SrtpSuite } from '#kernel/index.ts';
import type { RelayStatistics } from '../../native/index.ts';
import type { PortRange } from './portRange.ts';
import type { RelayThread } from './RelayThread.ts';
import type { StreamListener } from './streamNotice.ts';
import { isSendable, type UdpAddress } from './udp.ts';

export interface RtpRelayOptions {
  readonly ports: PortRange;
  readonly thread: RelayThread;
  readonly stream: StreamListener;
}

/**
 * `pending` drops everything: a far end's key is not known yet. Keys are master key and salt together; one that is given
 * again goes on where it was.
 */
export type Protection =
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'srtp';
      readonly suite: SrtpSuite;
      readonly sendKey: Uint8Array;
      readonly receiveKey: Uint8Array;
    }
  | { readonly kind: 'none' };

/**
 * Between a phone's RTP port and the worker's plain transport on the loopback. It holds the port, the keys and the
 * phone's address, so all three outlive the worker (docs/adr/0001-srtp-of-phones-ends-in-a-relay.md).
 */
export class RtpRelay extends Closable {
  readonly port: number;
  readonly #options: RtpRelayOptions;
  readonly #leg: number;

  static async create(options: RtpRelayOptions): Promise<RtpRelay> {
    const { ports, thread, stream } = options;
    const { port, value } = await ports.open((port) =>
      Promise.resolve(port).then(() => thread.open(port, stream)),
    );
    return new RtpRelay(options, port, value);
  }

  private constructor(options: RtpRelayOptions, port: number, leg: number) {
    super();
    this.#options = options;
    this.port = port;
    this.#leg = leg;
  }

  /** `performance.now()` when something acceptable last came; -Infinity before that, and when closed. */
  get heardMs(): number {
    if (this.closed) return -Infinity;
    return performance.now() - this.#options.thread.native.silentMs(this.#leg);
  }

  /** Undefined when closed. */
  get statistics(): RelayStatistics | undefined {
    return this.closed ? undefined : this.#options.thread.native.statistics(this.#leg);
  }

  /** The worker's transport, or undefined while there is none. */
  set workerPort(port: number | undefined) {
    if (!this.closed) this.#options.thread.native.setWorkerPort(this.#leg, port ?? 0);
  }

  set protection(protection: Protection) {
    if (this.closed) return;
    const { native } = this.#options.thread;
    if (protection.kind !== 'srtp') native.setProtection(this.#leg, protection.kind);
    else native.setProtection(this.#leg, protection.suite, protection.sendKey, protection.receiveKey);
  }

  /** What the phone's description says of where it receives. */
  describe(rtp: UdpAddress, rtcpPort: number | undefined, rtcpMux: boolean): void {
    if (this.closed) return;
    this.#options.thread.native.setRtcpMux(this.#leg, rtcpMux);
    this.#describe(false, rtp);
    this.#describe(true, { address: rtp.address, port: rtcpPort ?? rtp.port + 1 });
  }

  protected release(): void {
    this.#options.thread.closeLeg(this.#leg);
    this.#options.ports.giveBack(this.port);
  }

  /** A host name, or an address of another family than ours, is as good as none: the first packet decides. */
  #describe(rtcp: boolean, { address, port }: UdpAddress): void {
    if (isSendable({ address, port }) && port <= 65_535) {
      this.#options.thread.native.describe(this.#leg, rtcp, address, port);
    }
  }
}
