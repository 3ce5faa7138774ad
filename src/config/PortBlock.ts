import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { ZonebridgeError } from '#kernel/index.ts';

/** Below what Linux gives to outgoing connections (32768 and up). */
const firstPort = 20_000;
const blockSize = 1_100;
const blocks = 11;

/** Media ports of one zone. */
export interface MediaPorts {
  readonly webrtcPort: number;
  readonly ports: { readonly min: number; readonly max: number };
}

/**
 * Media ports for the embedded default that no other instance on this machine has. The first port of a block is held open
 * as the sign that the block is taken.
 */
export class PortBlock implements AsyncDisposable {
  readonly #sign: UdpSocket;
  readonly #start: number;

  /** Begins to look at a place that follows from `seed`, so that a restart usually finds the same ports. */
  static async claim(address: string, seed: number): Promise<PortBlock> {
    for (let attempt = 0; attempt < blocks; attempt += 1) {
      const start = firstPort + ((seed * 7 + attempt) % blocks) * blockSize;
      const sign = await bind(address, start);
      if (sign === undefined) continue;
      const block = new PortBlock(sign, start);
      if (await block.#isFree(address)) return block;
      await block[Symbol.asyncDispose]();
    }
    throw new ZonebridgeError(
      'unavailable',
      `no free media ports between ${firstPort} and ${firstPort + blocks * blockSize}; stop other instances`,
    );
  }

  private constructor(sign: UdpSocket, start: number) {
    this.#sign = sign;
    this.#start = start;
    sign.unref();
  }

  /** The ports of the zone with this index, 0 or 1. */
  zone(index: 0 | 1): MediaPorts {
    const half = this.#start + 10 + (index * blockSize) / 2;
    return { webrtcPort: half, ports: { min: half + 2, max: half + 521 } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#sign.close(resolve));
  }

  async #isFree(address: string): Promise<boolean> {
    for (const { webrtcPort, ports } of [this.zone(0), this.zone(1)]) {
      if (!(await isTcpFree(address, webrtcPort))) return false;
      for (const port of [webrtcPort, ports.min, ports.max])
        if (!(await isUdpFree(address, port))) return false;
    }
    return true;
  }
}

async function bind(address: string, port: number): Promise<UdpSocket | undefined> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' });
  const { promise, resolve } = Promise.withResolvers<UdpSocket | undefined>();
  socket.once('error', () => resolve(undefined));
  socket.bind({ address, port, exclusive: true }, () => resolve(socket));
  return promise;
}

async function isUdpFree(address: string, port: number): Promise<boolean> {
  const socket = await bind(address, port);
  if (socket === undefined) return false;
  await new Promise<void>((resolve) => socket.close(resolve));
  return true;
}

/** Whether a TCP port can be opened now. */
export async function isTcpFree(address: string, port: number): Promise<boolean> {
  const server = createServer();
  const opened = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host: address, port }, () => resolve(true));
  });
  if (opened) await new Promise((resolve) => server.close(resolve));
  return opened;
}
