import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { ZonebridgeError } from '#kernel/index.ts';

export interface UdpAddress {
  readonly address: string;
  readonly port: number;
}

/** A bound socket; port 0 takes any. Fails with `busy` when the port is taken, `unavailable` for any other reason. */
export function openUdp(address: string, port: number): Promise<Socket> {
  const socket = createSocket({
    type: isIPv6(address) ? 'udp6' : 'udp4',
    // Only addresses are ever sent to: without this every packet would take a turn of the resolver.
    lookup: (hostname, _options, callback) => callback(null, hostname, isIPv6(hostname) ? 6 : 4),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(bindFailure(error, address, port));
    });
    socket.bind(port, address, () => {
      socket.removeAllListeners('error');
      // ICMP "port unreachable" from a far end that is not listening yet; the next packet may get through.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** `busy` when the port is taken, `unavailable` for any other reason. */
export function bindFailure(cause: unknown, address: string, port: number): ZonebridgeError {
  const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
  const message = `media cannot bind to ${address} port ${port}: check media.address`;
  return new ZonebridgeError(taken ? 'busy' : 'unavailable', message, { cause });
}

export function closeUdp(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(resolve));
}

export function sendUdp(socket: Socket, packet: Buffer, to: UdpAddress): void {
  socket.send(packet, to.port, to.address);
}

/** An address that somebody can send to (not "unknown" in a session description). */
export function isSendable({ address, port }: UdpAddress): boolean {
  return port !== 0 && port !== 9 && address !== '0.0.0.0' && address !== '::';
}
