import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Closable, ZonebridgeError, plainAddress } from '#kernel/index.ts';
import type { SocketAddress } from './contract.ts';

export type ConnectionListener = (socket: Socket) => void;

/** One listening TCP port. Its connections live on when it closes; they belong to the transport layer. */
export class TcpListener extends Closable {
  readonly local: SocketAddress;
  readonly #server: Server;

  /** Throws `unavailable` when the address cannot be bound. */
  static async create(address: string, port: number, connected: ConnectionListener): Promise<TcpListener> {
    // A peer that has closed its sending side still gets its answers.
    const server = createServer({ allowHalfOpen: true }, connected);
    try {
      const listening = once(server, 'listening');
      server.listen({ host: address, port, ipv6Only: true });
      await listening;
    } catch (error) {
      throw new ZonebridgeError('unavailable', `TCP port ${port} cannot be opened`, { cause: error });
    }
    return new TcpListener(server, address);
  }

  private constructor(server: Server, address: string) {
    super();
    const bound = server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    this.local = { address: plainAddress(address), port };
    this.#server = server;
    // Of single connections that could not be accepted, for want of file descriptors for example.
    server.on('error', () => undefined);
  }

  protected override release(): void {
    // Does not wait for the connections, which are closed by their own owner.
    this.#server.close();
  }
}
