import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type {
  AudioCodec,
  AudioDescription,
  MediaSecurity,
  SessionDescription,
  SrtpSuite,
} from '#kernel/index.ts';
import { SrtpReceiver, SrtpSender } from './srtp.ts';

const keyBytes = { AEAD_AES_256_GCM: 44, AES_CM_128_HMAC_SHA1_80: 30 } as const;

export interface TestPhoneOptions {
  readonly suite?: SrtpSuite;
  readonly codecs?: readonly AudioCodec[];
  readonly telephoneEventPayloadType?: number;
}

export const pcmu: AudioCodec = {
  name: 'PCMU',
  payloadType: 0,
  clockRateHz: 8000,
  channels: 1,
  parameters: {},
};
export const pcma: AudioCodec = {
  name: 'PCMA',
  payloadType: 8,
  clockRateHz: 8000,
  channels: 1,
  parameters: {},
};

export function opus(payloadType: number): AudioCodec {
  return { name: 'opus', payloadType, clockRateHz: 48_000, channels: 2, parameters: {} };
}

/** A phone's media: SDES-SRTP or RTP in the clear, on one socket with rtcp-mux. */
export class TestPhone implements AsyncDisposable {
  readonly received: { readonly ssrc: number; readonly payloadType: number; readonly payload: Buffer }[] = [];
  /** Packets that could not be authenticated. */
  rejected = 0;
  ssrc = 0x1000 + Math.floor(Math.random() * 0x7000_0000);
  readonly #suite: SrtpSuite | undefined;
  readonly #codecs: readonly AudioCodec[];
  readonly #event: number | undefined;
  readonly #master: Buffer;
  #socket: Socket;
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;
  #to = { address: '127.0.0.1', port: 9 };
  #sequence = Math.floor(Math.random() * 0x7000);

  static async create(options: TestPhoneOptions = {}): Promise<TestPhone> {
    return new TestPhone(options, await openSocket());
  }

  private constructor(options: TestPhoneOptions, socket: Socket) {
    this.#suite = options.suite;
    this.#codecs = options.codecs ?? [pcmu];
    this.#event = options.telephoneEventPayloadType;
    this.#master = randomBytes(this.#suite === undefined ? 0 : keyBytes[this.#suite]);
    if (this.#suite !== undefined) this.#sender = new SrtpSender(this.#suite, this.#master);
    this.#socket = this.#listen(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Its offer, with what a test wants to be different. */
  offer(changes: Partial<AudioDescription> = {}): SessionDescription {
    const audio: AudioDescription = {
      direction: 'sendrecv',
      codecs: this.#codecs,
      ...(this.#event === undefined
        ? {}
        : { telephoneEvent: { payloadType: this.#event, clockRateHz: 8000 } }),
      security: this.#security(),
      address: '127.0.0.1',
      port: this.port,
      rtcpMux: true,
      headerExtensions: {},
      ...changes,
    };
    return { audio };
  }

  /** Takes the other side's description. */
  connect({ audio: { address, port, security } }: SessionDescription): void {
    this.#to = { address, port };
    if (security.kind !== 'sdes') return;
    const [key] = security.keys;
    if (key === undefined || key.suite !== this.#suite) throw new Error('another suite was chosen');
    this.#receiver = new SrtpReceiver(key.suite, Buffer.from(key.key, 'base64'));
  }

  /** One RTP packet; `csrcs`: of whom it says that it is mixed. */
  say(payload: Buffer, payloadType = this.#codecs[0]?.payloadType ?? 0, csrcs: readonly number[] = []): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const header = Buffer.alloc(12 + 4 * csrcs.length);
    header.writeUInt8(0x80 | csrcs.length, 0);
    for (const [index, csrc] of csrcs.entries()) header.writeUInt32BE(csrc, 12 + 4 * index);
    header.writeUInt8(payloadType, 1);
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(this.#sequence * 160, 4);
    header.writeUInt32BE(this.ssrc, 8);
    const packet = Buffer.concat([header, payload]);
    this.sendRaw(this.#sender === undefined ? packet : (this.#sender.protectRtp(packet) ?? packet));
  }

  /** A receiver report (RFC 3550 §6.4.2) with this fraction of 256 lost. */
  reportLoss(ssrc: number, fraction: number): void {
    const report = Buffer.alloc(32);
    report.writeUInt32BE(0x81c9_0007, 0);
    report.writeUInt32BE(this.ssrc, 4);
    report.writeUInt32BE(ssrc, 8);
    report.writeUInt8(fraction, 12);
    if (this.#sender !== undefined) this.sendRaw(this.#sender.protectRtcp(report));
  }

  /** Anything, as it is. */
  sendRaw(datagram: Buffer): void {
    this.#socket.send(datagram, this.#to.port, this.#to.address);
  }

  /** Goes on from another port, as behind a NAT that forgot. */
  async moveSocket(): Promise<void> {
    const old = this.#socket;
    this.#socket = this.#listen(await openSocket());
    old.close();
  }

  /** What was heard since it was last asked. */
  take(): TestPhone['received'] {
    return this.received.splice(0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #security(): MediaSecurity {
    if (this.#suite === undefined) return { kind: 'none' };
    return { kind: 'sdes', keys: [{ tag: 1, suite: this.#suite, key: this.#master.toString('base64') }] };
  }

  #listen(socket: Socket): Socket {
    return socket.on('message', (datagram) => {
      const type = datagram.readUInt8(1);
      if (type >= 192 && type <= 223) return; // RTCP
      const packet = this.#receiver === undefined ? datagram : this.#receiver.unprotectRtp(datagram)?.packet;
      if (packet === undefined) this.rejected += 1;
      else
        this.received.push({
          ssrc: packet.readUInt32BE(8),
          payloadType: type & 0x7f,
          payload: packet.subarray(12),
        });
    });
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}
