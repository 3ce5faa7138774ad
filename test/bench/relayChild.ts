/** Run by relay.ts as a process of its own, so that its CPU time is the relay's alone: `relayChild.ts native|node LEGS SUITE`. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SrtpSuite } from '#kernel/index.ts';
import { PortRange } from '#media/transport/relay/portRange.ts';
import { RelayThread } from '#media/transport/relay/RelayThread.ts';
import { RtpRelay } from '#media/transport/relay/RtpRelay.ts';
import { SrtpReceiver, SrtpSender } from '#test/support/srtp.ts';

/** What each side must know of the other; ports are all on 127.0.0.1. */
export interface BenchLegs {
  readonly sendKey: Buffer;
  readonly receiveKey: Buffer;
  readonly phonePort: number;
  readonly workerPorts: readonly number[];
}

export interface BenchRelay {
  readonly loopbackPort: number;
  readonly publicPorts: readonly number[];
}

const suite = process.argv[3] as SrtpSuite;

async function openNative({ sendKey, receiveKey, phonePort, workerPorts }: BenchLegs): Promise<BenchRelay> {
  const thread = RelayThread.create('127.0.0.1');
  const ports = new PortRange({ min: 20_000, max: 29_999 });
  const stream = { current: 1, appeared: () => undefined };
  const relays = workerPorts.map(async (workerPort) => {
    const relay = await RtpRelay.create({ ports, thread, stream });
    relay.protection = { kind: 'srtp', suite, sendKey, receiveKey };
    relay.describe({ address: '127.0.0.1', port: phonePort }, undefined, true);
    relay.workerPort = workerPort;
    return relay.port;
  });
  return { loopbackPort: thread.port, publicPorts: await Promise.all(relays) };
}

async function open(): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    lookup: (name, _options, callback) => callback(null, name, 4),
  });
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  return socket;
}

/** The least that a relay on node:dgram and node:crypto does. */
async function openNode({ sendKey, receiveKey, phonePort, workerPorts }: BenchLegs): Promise<BenchRelay> {
  const ignore = (): void => undefined;
  const loopback = await open();
  const legs = new Map<number, { socket: Socket; sender: SrtpSender }>();
  for (const port of workerPorts) {
    const socket = await open();
    const receiver = new SrtpReceiver(suite, receiveKey);
    socket.on('message', (packet) => {
      const plain = receiver.unprotectRtp(packet)?.packet;
      if (plain !== undefined) loopback.send(plain, port, '127.0.0.1', ignore);
    });
    legs.set(port, { socket, sender: new SrtpSender(suite, sendKey) });
  }
  loopback.on('message', (packet, { port }) => {
    const leg = legs.get(port);
    const sealed = leg?.sender.protectRtp(packet);
    if (sealed !== undefined) leg?.socket.send(sealed, phonePort, '127.0.0.1', ignore);
  });
  const publicPorts = [...legs.values()].map(({ socket }) => socket.address().port);
  return { loopbackPort: loopback.address().port, publicPorts };
}

process.on('message', (message: BenchLegs | 'cpu') => {
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
    return;
  }
  const opening = process.argv[2] === 'native' ? openNative(message) : openNode(message);
  void opening.then((relay) => process.send?.(relay));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
