import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { Closable, ZonebridgeError, plainAddress, sourceOf } from '#kernel/index.ts';
import { hostPort } from './address.ts';
import type { Flow, SocketAddress } from './contract.ts';
import type { TransportLimits } from './options.ts';
import { RateWindow } from './rateWindow.ts';

export interface UdpOptions {
  readonly address: string;
  readonly port: number;
  /** host:port for Via and Contact; `host` and the local port when it is not given. */
  readonly sentBy?: string | undefined;
  /** The local address when it is not given. */
  readonly host?: string | undefined;
  readonly limits: TransportLimits;
  readonly message: (bytes: Buffer, flow: Flow) => void;
}

const socketBufferBytes = 4 * 1024 * 1024;
/** Largest UDP payload over IPv4. */
const maxDatagramBytes = 65_507;

/** One bound UDP socket. Its flows are not kept: each datagram says where it came from. */
export class UdpListener extends Closable {
  readonly local: SocketAddress;
  readonly sentBy: string;
  readonly #socket: Socket;
  readonly #options: UdpOptions;
  readonly #rate: RateWindow;

  /** Throws `unavailable` when the address cannot be bound. */
  static async create(options: UdpOptions): Promise<UdpListener> {
    const isV6 = isIPv6(options.address);
    const socket = createSocket({
      type: isV6 ? 'udp6' : 'udp4',
      ...(isV6 ? { ipv6Only: true } : {}),
      recvBufferSize: socketBufferBytes,
      sendBufferSize: socketBufferBytes,
    });
    try {
      const listening = once(socket, 'listening');
      socket.bind(options.port, options.address);
      await listening;
    } catch (error) {
      socket.close();
      throw new ZonebridgeError('unavailable', `UDP port ${options.port} cannot be opened`, { cause: error });
    }
    return new UdpListener(socket, options);
  }

  private constructor(socket: Socket, options: UdpOptions) {
    super();
    const { address, port } = socket.address();
    this.local = { address: plainAddress(address), port };
    this.sentBy = options.sentBy ?? hostPort({ address: options.host ?? this.local.address, port });
    this.#socket = socket;
    this.#options = options;
    this.#rate = new RateWindow(options.limits.messagesPerSecond);
    socket.on('message', (bytes, remote) => this.#received(bytes, remote));
    // Errors of single datagrams (ICMP, unreachable networks); a transaction hears of them by its timer.
    socket.on('error', () => undefined);
  }

  /** True when datagrams can go from here to there. */
  reaches(address: string): boolean {
    return isIPv6(address) === isIPv6(this.local.address);
  }

  flowTo(remote: SocketAddress): Flow {
    return new UdpFlow(this, remote);
  }

  /** False when the datagram is too large or too much waits to be sent. */
  send(message: Buffer, remote: SocketAddress): boolean {
    if (this.closed || message.length > maxDatagramBytes) return false;
    if (this.#socket.getSendQueueSize() > this.#options.limits.backlogBytes) return false;
    this.#socket.send(message, remote.port, remote.address, () => undefined);
    return true;
  }

  protected override release(): void {
    this.#socket.close();
  }

  #received(bytes: Buffer, { address, port }: RemoteInfo): void {
    if (this.closed || isKeepAlive(bytes)) return;
    const remote = { address: plainAddress(address), port };
    if (!this.#rate.take(sourceOf(remote.address), performance.now())) return;
    this.#options.message(bytes, this.flowTo(remote));
  }
}

/** Where one datagram came from or goes to. Answers go back to the source whether or not it asked by rport (RFC 3581). */
class UdpFlow implements Flow {
  readonly id: string;
  readonly transport = 'udp';
  readonly reliable = false;
  readonly remote: SocketAddress;
  readonly #listener: UdpListener;

  constructor(listener: UdpListener, remote: SocketAddress) {
    this.id = `udp ${hostPort(listener.local)} ${hostPort(remote)}`;
    this.remote = remote;
    this.#listener = listener;
  }

  get local(): SocketAddress {
    return this.#listener.local;
  }

  get sentBy(): string {
    return this.#listener.sentBy;
  }

  get closed(): boolean {
    return this.#listener.closed;
  }

  send(message: Buffer): boolean {
    return this.#listener.send(message, this.remote);
  }
}

/** Empty, CR, LF and NUL datagrams keep NAT bindings open; STUN (RFC 5626 §4.4.2) starts with two zero bits. */
function isKeepAlive(bytes: Buffer): boolean {
  const first = bytes[0];
  if (first === undefined || first < 4) return true;
  return bytes.length <= 8 && bytes.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0);
}
