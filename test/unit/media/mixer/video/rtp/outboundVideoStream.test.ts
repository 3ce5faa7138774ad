import { expect, test } from 'vitest';
import { OutboundVideoStream } from '#media/mixer/video/rtp/OutboundVideoStream.ts';
import { PacketizedFrame } from '#media/mixer/video/rtp/PacketizedFrame.ts';
import { h264Frame, SentPackets, streamStart, vp8Frame } from './pictureNetwork.ts';

interface Header {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

function headerOf(datagram: Uint8Array): Header {
  const data = Buffer.from(datagram);
  return {
    marker: data.readUInt8(1) >= 128,
    payloadType: data.readUInt8(1) & 0x7f,
    sequence: data.readUInt16BE(2),
    timestamp: data.readUInt32BE(4),
    ssrc: data.readUInt32BE(8),
  };
}

function packetized(bytes: Uint8Array, codec: 'VP8' | 'H264' = 'VP8'): PacketizedFrame {
  const frame = new PacketizedFrame();
  frame.split(codec, bytes, bytes.length, 100);
  return frame;
}

test('VP8 has a descriptor with the start and a picture id of 15 bits, H.264 has none', () => {
  const sent = new SentPackets();
  const wallMs = 0x7fff * 30;
  const stream = new OutboundVideoStream(streamStart, wallMs);
  const { bytes } = vp8Frame(3, true, 149);
  stream.write(sent.out, packetized(bytes), wallMs);
  stream.write(sent.out, packetized(bytes), wallMs + 33);
  const packets = sent.take();
  expect(packets.map((packet) => [...packet.subarray(12, 16)])).toEqual([
    [0x90, 0x80, 0xff, 0xff],
    [0x80, 0x80, 0xff, 0xff],
    [0x90, 0x80, 0x80, 0x00],
    [0x80, 0x80, 0x80, 0x00],
  ]);
  expect(Buffer.concat(packets.slice(0, 2).map((packet) => packet.subarray(16)))).toEqual(Buffer.from(bytes));
  stream.write(sent.out, packetized(h264Frame(1, false, [20]).bytes, 'H264'), wallMs + 66);
  expect([...(sent.take()[0]?.subarray(12, 14) ?? [])]).toEqual([0x41, 0x88]);
});

test('one frame has one timestamp, of the wall clock, and a marker on its last packet', () => {
  const sent = new SentPackets();
  const wallMs = 1_795_000_000_000;
  const start = { ...streamStart, timestampOffset: 0xffffffff, sequenceOffset: 7 };
  const stream = new OutboundVideoStream(start, wallMs);
  stream.write(sent.out, packetized(vp8Frame(1, true, 250).bytes), wallMs);
  stream.write(sent.out, packetized(vp8Frame(2, false, 20).bytes), wallMs + 33.5);
  const headers = sent.take().map(headerOf);
  const timestamp = Number((0xffffffffn + BigInt(wallMs) * 90n) % (1n << 32n));
  const sequence = (7 + wallMs / 2) % 0x10000;
  const { ssrc, payloadType } = start;
  const expected = [
    { marker: false, sequence, timestamp },
    { marker: false, sequence: (sequence + 1) % 0x10000, timestamp },
    { marker: true, sequence: (sequence + 2) % 0x10000, timestamp },
    { marker: true, sequence: (sequence + 3) % 0x10000, timestamp: (timestamp + 3015) % 0x100000000 },
  ];
  expect(headers).toEqual(expected.map((fields) => ({ ...fields, ssrc, payloadType })));
  expect([stream.packets, stream.octets]).toEqual([4, 251 + 21 + 4 * 4]);
  expect(sent.ports).toEqual([5004, 5004, 5004, 5004]);
});

test('other parameters leave no gap in the sequence, and another SSRC counts anew', () => {
  const sent = new SentPackets();
  const stream = new OutboundVideoStream(streamStart, 1000);
  const frame = packetized(vp8Frame(1, true, 10).bytes);
  stream.write(sent.out, frame, 1000);
  stream.change({ ...streamStart, codec: 'H264', payloadType: 120, port: 6000 }, 5000);
  stream.write(sent.out, frame, 5000);
  const headers = sent.take().map(headerOf);
  expect(headers.map(({ sequence, payloadType }) => [sequence, payloadType])).toEqual([
    [500, 97],
    [501, 120],
  ]);
  expect(sent.ports).toEqual([5004, 6000]);
  stream.change({ ...streamStart, ssrc: 3, sequenceOffset: 9 }, 6000);
  expect([stream.packets, stream.octets]).toEqual([0, 0]);
  stream.write(sent.out, frame, 6000);
  expect(sent.take().map(headerOf)[0]).toMatchObject({ sequence: 3009, ssrc: 3 });
});

test('a stream that starts again after a restart is ahead of where it stopped', () => {
  const sent = new SentPackets();
  const first = new OutboundVideoStream(streamStart, 1_000_000);
  const frame = packetized(vp8Frame(1, true, 1000).bytes);
  for (let picture = 0; picture < 300; picture += 1) first.write(sent.out, frame, 1_000_000 + picture * 33);
  const again = new OutboundVideoStream(streamStart, 1_011_000);
  again.write(sent.out, frame, 1_011_000);
  const headers = sent.take().map(headerOf);
  const stopped = headers.at(-12);
  const started = headers.at(-11);
  const ahead = ((started?.sequence ?? 0) - (stopped?.sequence ?? 0)) & 0xffff;
  expect(ahead).toBeGreaterThan(0);
  expect(ahead).toBeLessThan(0x8000);
  expect(started?.timestamp).toBeGreaterThan(stopped?.timestamp ?? Infinity);
});

test('a frame of more packets than a batch is sent whole', () => {
  const sent = new SentPackets();
  const stream = new OutboundVideoStream(streamStart, 0);
  stream.write(sent.out, packetized(vp8Frame(1, true, 70_000).bytes), 0);
  const packets = sent.take();
  expect(packets).toHaveLength(701);
  expect(packets.map(headerOf).filter(({ marker }) => marker)).toHaveLength(1);
});
