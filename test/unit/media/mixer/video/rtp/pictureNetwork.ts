import { expect } from 'vitest';
import type { VideoCodecName } from '#kernel/index.ts';
import type { VideoStreamStart } from '#media/mixer/contract.ts';
import { OutgoingPackets } from '#media/mixer/rtp/outgoing.ts';
import { emptyRtpPacket, parseRtp } from '#media/mixer/rtp/packet.ts';
import { FrameAssembler } from '#media/mixer/video/rtp/FrameAssembler.ts';
import { OutboundVideoStream } from '#media/mixer/video/rtp/OutboundVideoStream.ts';
import { PacketizedFrame } from '#media/mixer/video/rtp/PacketizedFrame.ts';

export const streamStart: VideoStreamStart = {
  ssrc: 0xfedcba98,
  port: 5004,
  payloadType: 97,
  codec: 'VP8',
  sequenceOffset: 0,
  timestampOffset: 0,
};

/** A socket that keeps what is sent. */
export class SentPackets {
  readonly datagrams: Uint8Array[] = [];
  readonly ports: number[] = [];
  readonly out: OutgoingPackets = new OutgoingPackets({
    send: (batch, count) => {
      for (let index = 0; index < count; index += 1) {
        const at = index * batch.slotBytes;
        this.datagrams.push(batch.data.slice(at, at + (batch.lengths[index] ?? 0)));
        this.ports.push(batch.ports[index] ?? 0);
      }
      return count;
    },
  });

  take(): Uint8Array[] {
    this.out.flush();
    return this.datagrams.splice(0);
  }
}

/** What `picture` is put in as, and taken out as. */
export interface SentFrame {
  readonly bytes: Uint8Array;
  readonly expected: Uint8Array;
  readonly keyFrame: boolean;
}

/** `length` bytes that tell which frame they are of, and that are no start code. */
function content(seed: number, length: number): number[] {
  return Array.from({ length }, (_, index) => 2 + ((seed * 31 + index * 7 + (index >> 5)) % 250));
}

export function vp8Frame(seed: number, keyFrame: boolean, length: number): SentFrame {
  const bytes = Uint8Array.from([keyFrame ? 0x10 : 0x11, ...content(seed, length)]);
  return { bytes, expected: bytes, keyFrame };
}

const parameterSets = [
  [0x67, 0x42, 0xe0, 0x1f, 0x8c],
  [0x68, 0xce, 0x3c, 0x80],
];

/** Slices of these lengths; a key frame has parameter sets, every frame a delimiter that does not arrive. */
export function h264Frame(seed: number, keyFrame: boolean, lengths: readonly number[]): SentFrame {
  const slices = lengths.map((length, index) => [
    keyFrame ? 0x65 : 0x41,
    index === 0 ? 0x88 : 0x12,
    ...content(seed + index, length),
  ]);
  const units = keyFrame ? [...parameterSets, ...slices] : slices;
  const bytes = units.flatMap((unit, index) => [...(index % 2 === 0 ? [0, 0, 0, 1] : [0, 0, 1]), ...unit]);
  const expected = units.flatMap((unit) => [0, 0, 0, 1, ...unit]);
  return {
    bytes: Uint8Array.from([0, 0, 0, 1, 9, 0xf0, ...bytes]),
    expected: Uint8Array.from(expected),
    keyFrame,
  };
}

/** Datagrams of each frame, a picture every 10 ms. */
export function packetize(
  codec: VideoCodecName,
  frames: readonly SentFrame[],
  start: VideoStreamStart,
  maxPayloadBytes = 300,
): Uint8Array[][] {
  const sent = new SentPackets();
  const stream = new OutboundVideoStream(start, 0);
  const packetized = new PacketizedFrame();
  return frames.map(({ bytes }, index) => {
    packetized.split(codec, bytes, bytes.length, maxPayloadBytes);
    stream.write(sent.out, packetized, index * 10);
    return sent.take();
  });
}

export interface ReceivedFrame {
  readonly bytes: Uint8Array;
  readonly keyFrame: boolean;
  readonly timestamp: number;
  readonly orientation: number;
  readonly arrivalMs: number;
}

/** An assembler and what it made. */
export class Receiver {
  readonly frames: ReceivedFrame[] = [];
  readonly assembler: FrameAssembler;
  readonly #packet = emptyRtpPacket();

  constructor(codec: VideoCodecName) {
    this.assembler = new FrameAssembler(codec, ({ data, length, ...rest }) => {
      this.frames.push({ ...rest, bytes: data.slice(0, length) });
    });
  }

  receive(datagram: Uint8Array, arrivalMs: number): void {
    expect(parseRtp(datagram, 0, datagram.length, this.#packet)).toBe(true);
    this.assembler.receive(this.#packet, datagram, arrivalMs);
  }
}

/** A datagram as a far end might send it. */
export function datagram(
  fields: { sequence: number; timestamp?: number; marker?: boolean; ssrc?: number },
  payload: readonly number[],
): Uint8Array {
  const { sequence, timestamp = 0, marker = false, ssrc = 1 } = fields;
  const data = Buffer.alloc(12 + payload.length);
  data.writeUInt8(0x80);
  data.writeUInt8((marker ? 0x80 : 0) | 97, 1);
  data.writeUInt16BE(sequence & 0xffff, 2);
  data.writeUInt32BE(timestamp >>> 0, 4);
  data.writeUInt32BE(ssrc, 8);
  data.set(payload, 12);
  return data;
}
