import { randomBytes, randomInt } from 'node:crypto';
import { datagramBatch, native, type UdpSocket } from '#media/native/index.ts';
import { SipClient } from './SipClient.ts';
import { SrtpSender } from './srtp.ts';

const payloadType = 96;
const samplesPerPacket = 960;

export interface RtpPhoneOptions {
  readonly uri: string;
  readonly caFile: string;
  /** Undefined: says nothing but an empty Opus packet each 400 ms, as DTX does. */
  readonly toneHz?: number;
  /** Share of packets that are not sent, 0..1, and how much later than due the others go, 0..jitterMs. */
  readonly loss?: number;
  readonly jitterMs?: number;
}

/** A phone of our own with Opus and SDES-SRTP whose network can be made bad and whose arrivals are timed. */
export class RtpPhone implements AsyncDisposable {
  /** When the kernel got each RTP packet, milliseconds since the epoch: this process being late does not count. */
  readonly arrivalsMs: number[] = [];
  readonly sip: SipClient;
  readonly #socket: UdpSocket;
  readonly #received = datagramBatch(64, 1500);
  readonly #outgoing = datagramBatch(1, 1500);
  readonly #sender: SrtpSender;
  readonly #options: RtpPhoneOptions;
  readonly #packets: Buffer[];
  readonly #ssrc = randomInt(1, 2 ** 32);
  #port = 0;
  #sequence = randomInt(0, 30_000);
  #timestamp = randomInt(0, 2 ** 31);
  #sent = 0;
  readonly #delayed = new Set<NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;

  /** Resolves when the call is answered and its media runs. */
  static async call(options: RtpPhoneOptions): Promise<RtpPhone> {
    const socket = new native.UdpSocket({ address: '127.0.0.1', port: 0 });
    const key = randomBytes(30);
    const sip = await SipClient.connect(options.uri, options.caFile);
    const phone = new RtpPhone(options, socket, sip, new SrtpSender('AES_CM_128_HMAC_SHA1_80', key));
    await phone.#join(key);
    return phone;
  }

  private constructor(options: RtpPhoneOptions, socket: UdpSocket, sip: SipClient, sender: SrtpSender) {
    this.#options = options;
    this.#socket = socket;
    this.sip = sip;
    this.#sender = sender;
    this.#packets = options.toneHz === undefined ? [Buffer.from([0xf8])] : tonePackets(options.toneHz);
  }

  /** The longest time without a packet since `sinceMs` (of `Date.now()`), milliseconds. */
  longestGapMs(sinceMs: number): number {
    this.#receive();
    const times = [sinceMs, ...this.arrivalsMs.filter((time) => time > sinceMs), Date.now()];
    return times.reduce((longest, time, index) => Math.max(longest, time - (times[index - 1] ?? time)), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const timer of this.#delayed) clearTimeout(timer);
    await this.sip.bye().catch(() => undefined);
    await this.sip[Symbol.asyncDispose]();
    this.#socket.close();
  }

  async #join(key: Buffer): Promise<void> {
    const answer = await this.sip.invite(offer(this.#socket.port, key, this.#ssrc));
    const port = /^m=audio (\d+)/m.exec(answer.body)?.[1];
    if (port === undefined)
      throw new Error(`not answered: ${answer.startLine} ${answer.headers.get('reason') ?? ''}`);
    this.#port = Number(port);
    const started = performance.now();
    const everyPackets = this.#options.toneHz === undefined ? 20 : 1;
    this.#timer = setInterval(() => {
      this.#receive();
      const due = Math.floor((performance.now() - started) / 20);
      while (this.#sent <= due) {
        if (this.#sent % everyPackets === 0) this.#sendOne(everyPackets === 1);
        this.#sent += 1;
        this.#timestamp = (this.#timestamp + samplesPerPacket) >>> 0;
      }
    }, 5);
  }

  #sendOne(talking: boolean): void {
    const { loss = 0, jitterMs = 0 } = this.#options;
    const payload = this.#packets[this.#sent % this.#packets.length] ?? Buffer.alloc(0);
    const packet = Buffer.alloc(12 + payload.length);
    packet[0] = 0x80;
    packet[1] = payloadType | (talking ? 0 : 0x80);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(this.#timestamp, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    payload.copy(packet, 12);
    const srtp = this.#sender.protectRtp(packet);
    if (srtp === undefined || Math.random() < loss) return;
    if (jitterMs === 0) this.#send(srtp);
    else this.#later(srtp, Math.random() * jitterMs);
  }

  #later(packet: Buffer, waitMs: number): void {
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      this.#send(packet);
    }, waitMs);
    this.#delayed.add(timer);
  }

  #send(packet: Buffer): void {
    const { data, lengths, ports } = this.#outgoing;
    data.set(packet);
    lengths[0] = packet.length;
    ports[0] = this.#port;
    this.#socket.send(this.#outgoing, 1);
  }

  #receive(): void {
    const { data, slotBytes, arrivalMs } = this.#received;
    for (let count = 1; count > 0;) {
      count = this.#socket.receive(this.#received);
      for (let index = 0; index < count; index += 1) {
        const type = (data[index * slotBytes + 1] ?? 0) & 0x7f;
        if (type === payloadType) this.arrivalsMs.push(arrivalMs[index] ?? 0);
      }
    }
  }
}

/** Two seconds of a tone that fits them without a seam, encoded once. */
function tonePackets(toneHz: number): Buffer[] {
  const encoder = new native.OpusEncoder({
    sampleRateHz: 48000,
    bitrate: 32000,
    complexity: 5,
    application: 'audio',
  });
  const pcm = new Int16Array(samplesPerPacket);
  const out = new Uint8Array(1500);
  const packets = Array.from({ length: 100 }, (_, packet) => {
    for (let index = 0; index < samplesPerPacket; index += 1) {
      pcm[index] = 8000 * Math.sin((2 * Math.PI * toneHz * (packet * samplesPerPacket + index)) / 48000);
    }
    return Buffer.from(out.subarray(0, encoder.encode(pcm, out)));
  });
  encoder.close();
  return packets;
}

function offer(port: number, key: Buffer, ssrc: number): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/SAVP ${payloadType}`,
    `a=rtpmap:${payloadType} opus/48000/2`,
    `a=fmtp:${payloadType} useinbandfec=1`,
    'a=rtcp-mux',
    'a=ptime:20',
    `a=ssrc:${ssrc} cname:load`,
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key.toString('base64')}`,
    'a=sendrecv',
    '',
  ].join('\r\n');
}
