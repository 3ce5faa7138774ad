import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { srtpSuites, type SrtpSuite } from '#kernel/index.ts';
import { native, type DatagramBatch, type UdpSocket } from '#media/native/index.ts';
import { SrtpSender } from '#test/support/srtp.ts';
import type { BenchLegs, BenchRelay } from './relayChild.ts';
import { row } from './table.ts';

const legs = 100;
const tickMs = 20;
const ticks = 100;
const payloadBytes = 80;
const slotBytes = 200;

type Direction = 'to the phones' | 'from the phones';

function open(): UdpSocket {
  return new native.UdpSocket({ address: '127.0.0.1', port: 0, receiveBufferBytes: 1 << 20 });
}

function batchOf(slots: number): DatagramBatch {
  return {
    slotBytes,
    data: new Uint8Array(slots * slotBytes),
    lengths: new Int32Array(slots),
    ports: new Int32Array(slots),
    arrivalMs: new Float64Array(slots),
  };
}

function rtp(ssrc: number, sequence: number): Buffer {
  const packet = Buffer.alloc(12 + payloadBytes, sequence & 0xff);
  packet.writeUInt16BE(0x8060, 0);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(sequence * 960, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

/** A relay in a process of its own, between stand-ins for the worker and the phones. */
class Stage implements Disposable {
  readonly #child: ChildProcess;
  readonly #phones = open();
  readonly #worker = Array.from({ length: legs }, open);
  readonly #sender: SrtpSender;
  readonly #keys = { sendKey: randomBytes(0), receiveKey: randomBytes(0) };
  readonly #arrived = batchOf(4 * legs);
  #relay: BenchRelay = { loopbackPort: 0, publicPorts: [] };

  constructor(kind: 'native' | 'node', suite: SrtpSuite) {
    const bytes = suite === 'AEAD_AES_256_GCM' ? 44 : 30;
    this.#keys = { sendKey: randomBytes(bytes), receiveKey: randomBytes(bytes) };
    this.#sender = new SrtpSender(suite, this.#keys.receiveKey);
    const program = fileURLToPath(new URL('relayChild.ts', import.meta.url));
    this.#child = fork(program, [kind, suite], { serialization: 'advanced' });
  }

  async start(): Promise<void> {
    await once(this.#child, 'message'); // that it listens now
    const workerPorts = this.#worker.map(({ port }) => port);
    const message: BenchLegs = { ...this.#keys, phonePort: this.#phones.port, workerPorts };
    this.#relay = await this.#ask<BenchRelay>(message);
  }

  /** Microseconds of CPU a packet that came through, and the share that did. */
  async run(direction: Direction): Promise<{ costUs: number; passed: number }> {
    const rounds = Array.from({ length: ticks }, (_, tick) => this.#round(direction, tick));
    const before = await this.#ask<number>('cpu');
    const startMs = performance.now();
    let passed = 0;
    for (const [tick, send] of rounds.entries()) {
      await sleep(Math.max(0, startMs + tick * tickMs - performance.now()));
      passed += this.#receive(direction);
      send();
    }
    await sleep(5 * tickMs);
    passed += this.#receive(direction);
    const used = (await this.#ask<number>('cpu')) - before;
    return { costUs: used / passed, passed: passed / (ticks * legs) };
  }

  [Symbol.dispose](): void {
    this.#child.disconnect();
    for (const socket of [this.#phones, ...this.#worker]) socket.close();
  }

  /** One packet a leg, made beforehand. The worker sends each from the leg's own port, as a system call of its own. */
  #round(direction: Direction, tick: number): () => void {
    const sockets = direction === 'to the phones' ? this.#worker : this.#worker.map(() => this.#phones);
    const batches = sockets.map((_, leg) => {
      const batch = batchOf(1);
      const plain = rtp(leg + 1, tick + 1);
      const toPhones = direction === 'to the phones';
      const packet = toPhones ? plain : (this.#sender.protectRtp(plain) ?? plain);
      batch.data.set(packet);
      batch.lengths[0] = packet.length;
      batch.ports[0] = (toPhones ? this.#relay.loopbackPort : this.#relay.publicPorts[leg]) ?? 0;
      return batch;
    });
    return () => {
      for (const [leg, batch] of batches.entries()) sockets[leg]?.send(batch, 1);
    };
  }

  #receive(direction: Direction): number {
    if (direction === 'to the phones') return this.#phones.receive(this.#arrived);
    return this.#worker.reduce((sum, socket) => sum + socket.receive(this.#arrived), 0);
  }

  async #ask<T>(message: BenchLegs | 'cpu'): Promise<T> {
    const answered = once(this.#child, 'message') as Promise<[T]>;
    this.#child.send(message);
    return (await answered)[0];
  }
}

/** The native relay beside the least that node:dgram and node:crypto can do. */
export async function benchRelay(print: (line: string) => void): Promise<void> {
  print(`Relay of phones' SRTP, ${legs} legs, a packet of ${payloadBytes} + 12 bytes each in ${tickMs} ms.`);
  print(row('relay', 'µs a packet', '% passed'));
  for (const suite of srtpSuites) {
    for (const kind of ['node', 'native'] as const) {
      using stage = new Stage(kind, suite);
      await stage.start();
      for (const direction of ['to the phones', 'from the phones'] as const) {
        const { costUs, passed } = await stage.run(direction);
        print(`${row(kind, costUs.toFixed(1), (100 * passed).toFixed(1))}  ${suite}, ${direction}`);
      }
    }
  }
}
