import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AudioCodecName } from '#kernel/index.ts';
import type { MixerLeg } from '#media/mixer/index.ts';
import { native, type FrameDecoder, type FrameEncoder } from '#media/native/index.ts';
import { sine } from './tones.ts';

const frameMs = 20;

export interface ToneLegOptions {
  readonly id: string;
  readonly conferenceId: string;
  readonly codec: AudioCodecName;
  /** Undefined: listens only, though it could talk. */
  readonly toneHz?: number;
  /** Where the mixer listens on 127.0.0.1. */
  readonly mixerPort: number;
}

export interface HeardPacket {
  /** performance.now() */
  readonly atMs: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** A leg as the mixer sees it, with plain RTP over loopback UDP: sends a tone, keeps what it hears. */
export class ToneLeg implements AsyncDisposable {
  readonly packets: HeardPacket[] = [];
  readonly sampleRateHz: number;
  readonly mixerLeg: MixerLeg;
  readonly #options: ToneLegOptions;
  readonly #socket: Socket;
  readonly #encoder: FrameEncoder;
  readonly #decoder: FrameDecoder;
  readonly #frames: Int16Array[] = [];
  readonly #ssrc = randomInt(1, 2 ** 32);
  readonly #unitsPerFrame: number;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  static async open(options: ToneLegOptions): Promise<ToneLeg> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new ToneLeg(options, socket);
  }

  private constructor(options: ToneLegOptions, socket: Socket) {
    const { id, conferenceId, codec } = options;
    this.#options = options;
    this.#socket = socket;
    this.sampleRateHz = codec === 'opus' ? 48000 : codec === 'G722' ? 16000 : 8000;
    this.#unitsPerFrame = codec === 'opus' ? 960 : 160;
    this.#encoder = createEncoder(codec);
    this.#decoder = createDecoder(codec);
    this.mixerLeg = {
      id,
      conferenceId,
      codec,
      payloadType: 96,
      telephoneEventPayloadType: 101,
      inbound: { ssrc: this.#ssrc },
      outbound: {
        ssrc: randomInt(1, 2 ** 32),
        port: socket.address().port,
        sequenceOffset: randomInt(0, 2 ** 16),
        timestampOffset: randomInt(0, 2 ** 32),
      },
      muted: false,
    };
    socket.on('message', (packet) => this.#hear(packet));
    this.#start();
  }

  /** What was heard since packet `from`, whole frames only. */
  heard(from = 0): Int16Array {
    const frames = this.#frames.slice(from);
    const pcm = new Int16Array(frames.reduce((sum, frame) => sum + frame.length, 0));
    let at = 0;
    for (const frame of frames) {
      pcm.set(frame, at);
      at += frame.length;
    }
    return pcm;
  }

  /** Resolves when `count` more packets have come. */
  async packetsMore(count: number): Promise<void> {
    const wanted = this.packets.length + count;
    while (this.packets.length < wanted) await once(this.#socket, 'message');
  }

  /** RFC 4733: one press as a phone sends it, in `packets` packets, the last three of which say that it ended. */
  press(event: number, { packets = 8, withEnd = true } = {}): void {
    for (let index = 0; index < packets; index += 1) {
      const isEnd = withEnd && index >= packets - 3;
      const payload = Buffer.from([event, (isEnd ? 0x80 : 0) | 10, 0, 0]);
      payload.writeUInt16BE(Math.min(index + 1, packets - 2) * 160, 2);
      this.#send(payload, 101, 0x10000 + event * 8000);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#encoder.close();
    this.#decoder.close();
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #start(): void {
    const { toneHz } = this.#options;
    if (toneHz === undefined) return;
    const startedMs = performance.now();
    let frame = 0;
    const out = new Uint8Array(1500);
    const samples = (this.sampleRateHz * frameMs) / 1000;
    this.#timer = setInterval(() => {
      for (; frame * frameMs <= performance.now() - startedMs; frame += 1) {
        const pcm = sine(toneHz, this.sampleRateHz, samples, 0.25, frame * samples);
        const length = this.#encoder.encode(pcm, out);
        this.#send(Buffer.from(out.subarray(0, length)), 96, frame * this.#unitsPerFrame);
      }
    }, 5);
  }

  #send(payload: Buffer, payloadType: number, timestamp: number): void {
    const packet = Buffer.alloc(12 + payload.length);
    packet[0] = 0x80;
    packet[1] = payloadType;
    packet.writeUInt16BE(this.#sent & 0xffff, 2);
    packet.writeUInt32BE(timestamp >>> 0, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    payload.copy(packet, 12);
    this.#sent += 1;
    this.#socket.send(packet, this.#options.mixerPort, '127.0.0.1', () => undefined);
  }

  #hear(packet: Buffer): void {
    const out = new Int16Array(5760);
    const samples = this.#decoder.decode(packet, 12, packet.length - 12, out);
    this.#frames.push(out.subarray(0, Math.max(0, samples)));
    this.packets.push({
      atMs: performance.now(),
      sequence: packet.readUInt16BE(2),
      timestamp: packet.readUInt32BE(4),
      ssrc: packet.readUInt32BE(8),
    });
  }
}

function createEncoder(codec: AudioCodecName): FrameEncoder {
  if (codec === 'G722') return new native.G722Encoder();
  if (codec !== 'opus') return new native.G711Codec(codec);
  return new native.OpusEncoder({
    sampleRateHz: 48000,
    bitrate: 32000,
    complexity: 5,
    application: 'audio',
  });
}

function createDecoder(codec: AudioCodecName): FrameDecoder {
  if (codec === 'opus') return new native.OpusDecoder({ sampleRateHz: 48000 });
  return codec === 'G722' ? new native.G722Decoder() : new native.G711Codec(codec);
}
