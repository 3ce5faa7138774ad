import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutboundVideoStream } from '#media/mixer/video/rtp/OutboundVideoStream.ts';
import { PacketizedFrame } from '#media/mixer/video/rtp/PacketizedFrame.ts';
import { isRtcp, readFeedback, writePictureLoss, writeSenderReport } from '#media/mixer/video/rtp/rtcp.ts';
import { SentPackets, streamStart, vp8Frame } from './pictureNetwork.ts';

const receiverReport = [0x80, 201, 0, 1, 0, 0, 0, 9];
const pictureLoss = [0x81, 206, 0, 2, 0, 0, 0, 9, 0xfe, 0xdc, 0xba, 0x98];
const intraRequest = [
  ...[0x84, 206, 0, 6, 0, 0, 0, 9, 0, 0, 0, 0],
  ...[0, 0, 0, 5, 1, 0, 0, 0],
  ...[0, 0, 0, 6, 2, 0, 0, 0],
];

function requestedIn(bytes: readonly number[], offset = 0): number[] {
  const data = Uint8Array.from([...new Array<number>(offset).fill(0xff), ...bytes]);
  const requested: number[] = [];
  expect(isRtcp(data, offset, bytes.length)).toBe(true);
  readFeedback(data, offset, bytes.length, (ssrc) => requested.push(ssrc));
  return requested;
}

test('PLI and both kinds of FIR are found anywhere in a compound packet', () => {
  expect(requestedIn(pictureLoss)).toEqual([0xfedcba98]);
  expect(requestedIn([...receiverReport, ...pictureLoss, ...intraRequest], 1500)).toEqual([0xfedcba98, 5, 6]);
  expect(requestedIn([0x80, 192, 0, 1, 0, 0, 0, 7])).toEqual([7]);
});

test('other feedback asks for nothing: NACK, transport-cc, REMB, SLI', () => {
  const body = [0, 0, 0, 9, 0, 0, 0, 3, 0, 1, 0, 0];
  for (const [format, type] of [
    [1, 205],
    [15, 205],
    [15, 206],
    [2, 206],
  ] as const) {
    expect(requestedIn([...receiverReport, 0x80 | format, type, 0, 3, ...body])).toEqual([]);
  }
});

test('reading ends at what is malformed', () => {
  expect(requestedIn([...receiverReport, 0x81, 206, 0, 9, 0, 0, 0, 9, 0, 0, 0, 1])).toEqual([]);
  expect(requestedIn([...receiverReport, 0x41, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 1])).toEqual([]);
  expect(requestedIn([0x81, 206, 0, 1, 0, 0, 0, 9])).toEqual([]);
  expect(requestedIn([0xa4, 206, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 8])).toEqual([]);
});

test('no bytes make reading throw or read outside of the datagram', () => {
  const hostile = fc.uint8Array({ maxLength: 120 }).map((data) => {
    for (let at = 0; at + 1 < data.length; at += 12) {
      data[at] = 0x80 | ((data[at] ?? 0) & 0x3f);
      data[at + 1] = 192 + ((data[at + 1] ?? 0) & 0x1f);
      if (at + 3 < data.length) data.set([0, (data[at + 3] ?? 0) & 7], at + 2);
    }
    return data;
  });
  fc.assert(
    fc.property(hostile, fc.nat(30), (data, cut) => {
      const length = Math.max(0, data.length - cut);
      const whole = data.slice();
      whole.fill(0xee, length);
      if (!isRtcp(whole, 0, length)) return;
      readFeedback(whole, 0, length, (ssrc) => {
        expect(ssrc).toBeGreaterThanOrEqual(0);
        expect(ssrc).not.toBe(0xeeeeeeee);
      });
    }),
    { numRuns: 2000 },
  );
});

test('RTP is no RTCP, and a loss that is written is read', () => {
  const sent = new SentPackets();
  writePictureLoss(sent.out, 7, 0xfedcba98, 4000);
  const [datagram = new Uint8Array(0)] = sent.take();
  expect([...datagram]).toEqual([
    ...[0x80, 201, 0, 1, 0, 0, 0, 7],
    ...[0x81, 206, 0, 2, 0, 0, 0, 7, 0xfe, 0xdc, 0xba, 0x98],
  ]);
  expect(sent.ports).toEqual([4000]);
  expect(requestedIn([...datagram])).toEqual([0xfedcba98]);
  expect(isRtcp(Uint8Array.from([0x80, 97, 0, 1]), 0, 4)).toBe(false);
  expect(isRtcp(Uint8Array.from([0x80, 200, 0]), 0, 3)).toBe(false);
});

test('a sender report ties the RTP clock to the wall clock, and is not sent before the first packet', () => {
  const sent = new SentPackets();
  const wallMs = 1_795_000_000_250;
  const stream = new OutboundVideoStream({ ...streamStart, timestampOffset: 4_000_000_000 }, wallMs);
  writeSenderReport(sent.out, stream, wallMs);
  expect(sent.take()).toEqual([]);
  const frame = new PacketizedFrame();
  frame.split('VP8', vp8Frame(1, true, 99).bytes, 100);
  stream.write(sent.out, frame, wallMs);
  writeSenderReport(sent.out, stream, wallMs);
  const [picture, report] = sent.take().map((datagram) => Buffer.from(datagram));
  if (picture === undefined || report === undefined) throw new Error('nothing was sent');
  expect(report.subarray(0, 4)).toEqual(Buffer.from([0x80, 200, 0, 6]));
  expect(report.readUInt32BE(4)).toBe(streamStart.ssrc);
  expect(report.readUInt32BE(8)).toBe(1_795_000_000 + 2_208_988_800);
  expect(report.readUInt32BE(12)).toBe(0x40000000);
  expect(report.readUInt32BE(16)).toBe(picture.readUInt32BE(4));
  expect([report.readUInt32BE(20), report.readUInt32BE(24)]).toEqual([1, 104]);
  const description = report.subarray(28);
  expect(description.subarray(0, 4)).toEqual(Buffer.from([0x81, 202, 0, description.length / 4 - 1]));
  expect(description.readUInt32BE(4)).toBe(streamStart.ssrc);
  const length = description.readUInt8(9);
  expect([description.readUInt8(8), description.toString('latin1', 10, 10 + length)]).toEqual([1, 'mixer']);
  expect(description.subarray(10 + length).every((byte) => byte === 0)).toBe(true);
  expect(description.length).toBeGreaterThan(10 + length);
});
