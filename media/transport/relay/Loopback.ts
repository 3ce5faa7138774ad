import type { Socket } from 'node:dgram';
import { Closable } from '#kernel/index.ts';
import { closeUdp, openUdp, sendUdp } from './udp.ts';

/**
 * The one socket on 127.0.0.1 by which all relays of a zone reach the worker's plain transports. Each of these has a port of its
 * own, which tells the legs apart. With a socket a leg, every packet would cost a wake-up of its own.
 */
export class Loopback extends Closable {
  readonly #socket: Socket;
  readonly #listeners = new Map<number, (packet: Buffer) => void>();

  static async create(): Promise<Loopback> {
    return new Loopback(await openUdp('127.0.0.1', 0));
  }

  private constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('message', (packet, { port }) => this.#listeners.get(port)?.(packet));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Hands on what comes from this port of the worker's. */
  listen(workerPort: number, listener: (packet: Buffer) => void): void {
    this.#listeners.set(workerPort, listener);
  }

  forget(workerPort: number): void {
    this.#listeners.delete(workerPort);
  }

  send(packet: Buffer, workerPort: number): void {
    if (!this.closed) sendUdp(this.#socket, packet, { address: '127.0.0.1', port: workerPort });
  }

  protected release(): Promise<void> {
    this.#listeners.clear();
    return closeUdp(this.#socket);
  }
}
