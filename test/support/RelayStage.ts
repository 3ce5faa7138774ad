import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SrtpSuite } from '#kernel/index.ts';
import { native, type MediaRelay, type MediaRelayOptions } from '#media/native/index.ts';
import { SrtpReceiver, SrtpSender } from './srtp.ts';
import { waitFor } from './waitFor.ts';

export const relayOptions = {
  address: '127.0.0.1',
  receiveBufferBytes: 1 << 18,
  gatherMicroseconds: 100,
  maxLegs: 1000,
  silenceMs: 60_000,
  noticeMs: 0,
  confirmMs: 60_000,
  replayWindowPackets: 128,
  maxStreams: 32,
} as const satisfies Omit<MediaRelayOptions, 'onStream'>;

const masterBytes = { AEAD_AES_256_GCM: 44, AES_CM_128_HMAC_SHA1_80: 30 } as const;

/** One RTP packet without extension, payload type 96. */
export function rtp(sequence: number, payload: string | Uint8Array = 'voice', ssrc = 7): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(0x8060, 0);
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, typeof payload === 'string' ? Buffer.from(payload) : payload]);
}

/** A receiver report without blocks. */
export function rtcp(ssrc = 7): Buffer {
  const report = Buffer.from('80c9000100000000', 'hex');
  report.writeUInt32BE(ssrc, 4);
  return report;
}

/** A UDP socket that keeps what it got. */
export class Peer implements Disposable {
  readonly got: { readonly packet: Buffer; readonly port: number }[] = [];
  readonly #socket: Socket;

  static async open(address = '127.0.0.1'): Promise<Peer> {
    const socket = createSocket(address === '127.0.0.1' ? 'udp4' : 'udp6');
    socket.bind(0, address);
    await once(socket, 'listening');
    return new Peer(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (packet, { port }) => this.got.push({ packet, port }));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** To the same host; resolves when the kernel has it. */
  send(packet: Buffer, port: number): Promise<void> {
    const { address } = this.#socket.address();
    return new Promise((resolve, reject) => {
      this.#socket.send(packet, port, address, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** The next packet that came, or comes. */
  async next(): Promise<Buffer> {
    const { packet } = await waitFor('a packet', () => this.got.shift(), 5000, 2);
    return packet;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** A relay with one leg between a phone's socket and one that stands in for the worker's transport. */
export class RelayStage implements Disposable {
  readonly relay: MediaRelay;
  readonly leg: number;
  readonly port: number;
  readonly notices: { readonly leg: number; readonly ssrc: number; readonly payloadType: number }[] = [];
  readonly phone: Peer;
  readonly worker: Peer;
  readonly #peers: Peer[];

  static async open(changes: Partial<MediaRelayOptions> = {}): Promise<RelayStage> {
    return new RelayStage(changes, await Peer.open(), await Peer.open());
  }

  private constructor(changes: Partial<MediaRelayOptions>, phone: Peer, worker: Peer) {
    this.#peers = [phone, worker];
    this.phone = phone;
    this.worker = worker;
    this.relay = new native.MediaRelay({
      ...relayOptions,
      onStream: (leg, ssrc, payloadType) => this.notices.push({ leg, ssrc, payloadType }),
      ...changes,
    });
    [this.leg, this.port] = openLeg(this.relay);
    this.relay.setWorkerPort(this.leg, worker.port);
    this.relay.setRtcpMux(this.leg, true);
  }

  /** One more phone or stranger. */
  async peer(): Promise<Peer> {
    const peer = await Peer.open();
    this.#peers.push(peer);
    return peer;
  }

  /** Gives the leg fresh keys; the phone's side of them. */
  protect(suite: SrtpSuite): SrtpSides {
    const [ours, theirs] = [randomBytes(masterBytes[suite]), randomBytes(masterBytes[suite])];
    this.relay.setProtection(this.leg, suite, ours, theirs);
    return {
      ours,
      theirs,
      sender: new SrtpSender(suite, theirs),
      receiver: new SrtpReceiver(suite, ours),
    };
  }

  /** Resolves when this many packets of the phone have been looked at. */
  async looked(packets: number): Promise<void> {
    await waitFor(`${packets} packets to be looked at`, () => {
      const { received, rejected, foreign, stray } = this.relay.statistics(this.leg);
      return received + rejected + foreign + stray >= packets;
    });
  }

  [Symbol.dispose](): void {
    this.relay.close();
    for (const peer of this.#peers) peer[Symbol.dispose]();
  }
}

export interface SrtpSides {
  readonly ours: Buffer;
  readonly theirs: Buffer;
  readonly sender: SrtpSender;
  readonly receiver: SrtpReceiver;
}

/** A leg on some free pair of ports. */
export function openLeg(relay: MediaRelay): [leg: number, port: number] {
  for (let attempt = 0; ; attempt += 1) {
    const port = 20_000 + 2 * Math.floor(Math.random() * 5000);
    try {
      return [relay.open(port), port];
    } catch (error) {
      if (attempt === 20 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

export function sealed(packet: Buffer | undefined): Buffer {
  if (packet === undefined) throw new Error('a good packet was not sealed');
  return packet;
}
