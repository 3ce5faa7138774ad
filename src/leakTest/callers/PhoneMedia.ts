import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { SrtpReceiver, SrtpSender } from '../srtp/session.ts';
import { goodbye, sourceDescription, type SourceDescription } from './rtcp.ts';

const suite = 'AES_CM_128_HMAC_SHA1_80';
const masterBytes = 30;
const packetMs = 20;
const samplesPerPacket = 160;
const payloadTypes = { pcmu: 0, digits: 101 } as const;
/** RFC 3550 §6.2 wants 5 s on average; here the call is short. */
const rtcpEveryPackets = 25;
/** RFC 4733 §2.5: a digit is so many packets, then silence. */
const digitPackets = 4;
const pausePackets = 4;
const eventsOfKeys = new Map(Array.from('0123456789*#', (key, event) => [key, event]));

/** A phone's audio: PCMU and digits under SDES-SRTP, with what it says of itself in RTCP. Keeps all that came, decrypted. */
export class PhoneMedia implements AsyncDisposable {
  readonly ssrc = randomInt(1, 2 ** 32);
  readonly #key = randomBytes(masterBytes);
  readonly #sender = new SrtpSender(suite, this.#key);
  readonly #description: SourceDescription;
  readonly #socket: Socket;
  readonly heard: Buffer[] = [];
  /** Of all that came, and whom it says it is mixed of. */
  readonly heardSources = new Set<number>();
  rtpPackets = 0;
  rtcpPackets = 0;
  #receiver: SrtpReceiver | undefined;
  #remotePort = 0;
  #sequence = randomInt(0, 0x8000);
  #timestamp = randomInt(0, 2 ** 31);
  #sent = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #keys: string[] = [];
  #keyStep = 0;
  #whenTyped: (() => void) | undefined;

  /** `address`: one of this machine's own. */
  static async open(address: string, description: SourceDescription): Promise<PhoneMedia> {
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return new PhoneMedia(description, socket);
  }

  private constructor(description: SourceDescription, socket: Socket) {
    this.#description = description;
    this.#socket = socket;
    socket.on('message', (datagram) => this.#receive(datagram));
    socket.on('error', () => undefined);
  }

  /** What its SDP says of it. */
  get offered(): { readonly port: number; readonly key: string; readonly ssrc: number } {
    return { port: this.#socket.address().port, key: this.#key.toString('base64'), ssrc: this.ssrc };
  }

  /** Begins to talk by the other side's SDP; false when that has no audio for us. */
  start(sdp: string): boolean {
    const port = Number(/^m=audio (\d+)/m.exec(sdp)?.[1] ?? 0);
    const key = new RegExp(`^a=crypto:\\d+ ${suite} inline:([^| \\r\\n]+)`, 'm').exec(sdp)?.[1];
    if (port === 0 || key === undefined) return false;
    this.#remotePort = port;
    this.#receiver = new SrtpReceiver(suite, Buffer.from(key, 'base64'));
    const startedMs = performance.now();
    this.#timer ??= setInterval(() => {
      while (this.#sent * packetMs <= performance.now() - startedMs) this.#sendOne();
    }, packetMs / 2);
    return true;
  }

  /** Types keys as RTP events (RFC 4733); resolves when the last one is released. */
  type(keys: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#keys.push(...keys.split(''));
    this.#whenTyped = resolve;
    return promise;
  }

  /** RTCP BYE with a reason. */
  sayGoodbye(reason: string): void {
    this.#send(this.#sender.protectRtcp(goodbye(this.ssrc, reason)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#whenTyped?.();
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #sendOne(): void {
    const key = this.#keys[0];
    const event = key === undefined || this.#keyStep >= digitPackets ? undefined : eventsOfKeys.get(key);
    if (event === undefined) this.#sendRtp(payloadTypes.pcmu, this.#timestamp, noise());
    else this.#sendDigit(event);
    if (key !== undefined) this.#nextKeyStep();
    if (this.#sent % rtcpEveryPackets === 0) {
      this.#send(this.#sender.protectRtcp(sourceDescription(this.ssrc, this.#description)));
    }
    this.#sent += 1;
    this.#timestamp = (this.#timestamp + samplesPerPacket) >>> 0;
  }

  #sendDigit(event: number): void {
    const isLast = this.#keyStep === digitPackets - 1;
    const payload = Buffer.from([event, (isLast ? 0x80 : 0) | 10, 0, 0]);
    payload.writeUInt16BE((this.#keyStep + 1) * samplesPerPacket, 2);
    const begin = (this.#timestamp - this.#keyStep * samplesPerPacket) >>> 0;
    this.#sendRtp(payloadTypes.digits, begin, payload, this.#keyStep === 0);
  }

  #nextKeyStep(): void {
    this.#keyStep += 1;
    if (this.#keyStep < digitPackets + pausePackets) return;
    this.#keyStep = 0;
    this.#keys.shift();
    if (this.#keys.length > 0) return;
    this.#whenTyped?.();
    this.#whenTyped = undefined;
  }

  #sendRtp(payloadType: number, timestamp: number, payload: Buffer, marked = false): void {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = payloadType | (marked ? 0x80 : 0);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(timestamp, 4);
    header.writeUInt32BE(this.ssrc, 8);
    const packet = this.#sender.protectRtp(Buffer.concat([header, payload]));
    if (packet !== undefined) this.#send(packet);
  }

  #send(packet: Buffer): void {
    this.#socket.send(packet, this.#remotePort, '127.0.0.1');
  }

  #receive(datagram: Buffer): void {
    const type = datagram[1] ?? 0;
    const isRtcp = type >= 192 && type <= 223;
    const receiver = this.#receiver;
    const plain = isRtcp ? receiver?.unprotectRtcp(datagram) : receiver?.unprotectRtp(datagram);
    if (plain === undefined) return;
    const { packet } = plain;
    if (isRtcp) this.rtcpPackets += 1;
    else this.rtpPackets += 1;
    for (const source of isRtcp ? [packet.readUInt32BE(4)] : sourcesOf(packet)) this.heardSources.add(source);
    this.heard.push(packet);
  }
}

/** SSRC and CSRCs (RFC 3550 §5.1). */
function sourcesOf(packet: Buffer): readonly number[] {
  const mixed = packet.readUInt8(0) & 0x0f;
  return Array.from({ length: mixed + 1 }, (_, index) => packet.readUInt32BE(8 + 4 * index));
}

/** A quiet voice of nobody: small samples in PCMU, of either sign. */
function noise(): Buffer {
  const bytes = randomBytes(samplesPerPacket);
  return bytes.map((byte) => 0x60 | (byte & 0x9f)) as Buffer;
}
