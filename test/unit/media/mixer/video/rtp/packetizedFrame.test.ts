import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PacketizedFrame } from '#media/mixer/video/rtp/PacketizedFrame.ts';
import { h264Frame, vp8Frame } from './pictureNetwork.ts';

function pieces(frame: PacketizedFrame): { offset: number; length: number; header: number }[] {
  return Array.from({ length: frame.count }, (_, index) => ({
    offset: frame.offsets[index] ?? -1,
    length: frame.lengths[index] ?? -1,
    header: frame.fragmentHeaders[index] ?? -1,
  }));
}

test('VP8 is cut into as few pieces as possible, of almost one size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300_000 }), fc.integer({ min: 100, max: 1400 }), (length, most) => {
      const frame = new PacketizedFrame();
      frame.split('VP8', new Uint8Array(300_000), length, most);
      const list = pieces(frame);
      expect(list).toHaveLength(Math.ceil(length / most));
      let at = 0;
      for (const { offset, length: size } of list) {
        expect(offset).toBe(at);
        at += size;
      }
      expect(at).toBe(length);
      const sizes = list.map((piece) => piece.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test('H.264 has a packet for each NAL unit, without start codes, delimiters and trailing zeros', () => {
  const frame = new PacketizedFrame();
  const data = Uint8Array.from([
    ...[0, 0, 0, 1, 9, 0xf0],
    ...[0, 0, 1, 0x67, 1, 2],
    ...[0, 0, 0, 1, 0x68, 3, 0, 0, 0],
    ...[0, 0, 1, 0x65, 4, 0, 0, 3, 1, 5, 0],
  ]);
  frame.split('H264', data, data.length);
  expect(pieces(frame)).toEqual([
    { offset: 9, length: 3, header: 0 },
    { offset: 16, length: 2, header: 0 },
    { offset: 24, length: 7, header: 0 },
  ]);
  expect(frame.fragmented).toBe(false);
});

test('a NAL unit that fits no packet becomes fragments that name its type, the first and the last', () => {
  const frame = new PacketizedFrame();
  const data = Uint8Array.from([0, 0, 0, 1, 0x65, ...new Array<number>(2500).fill(7)]);
  frame.split('H264', data, data.length, 1000);
  expect(pieces(frame)).toEqual([
    { offset: 5, length: 833, header: 0x7c85 },
    { offset: 838, length: 833, header: 0x7c05 },
    { offset: 1671, length: 834, header: 0x7c45 },
  ]);
  expect(frame.fragmented).toBe(true);
  const small = h264Frame(1, true, [50]).bytes;
  frame.split('H264', small, small.length);
  expect([frame.count, frame.fragmented]).toEqual([3, false]);
});

test('a frame of absurdly many NAL units is not sent, and one without any neither', () => {
  const frame = new PacketizedFrame();
  const data = new Uint8Array(4 * 100_000).map((_, index) => [0, 0, 1, 0x41][index % 4] ?? 0);
  frame.split('H264', data, data.length);
  expect(frame.count).toBe(0);
  expect(frame.offsets.length).toBeLessThanOrEqual(8192);
  frame.split('H264', vp8Frame(1, true, 10).bytes, 11);
  expect(frame.count).toBe(0);
});

test('any bytes are cut within their bounds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 0, 0, 1, 1, 9, 0x65, 0xff), { maxLength: 400 }),
      fc.integer({ min: 3, max: 50 }),
      fc.nat(20),
      (bytes, most, cut) => {
        const frame = new PacketizedFrame();
        const length = Math.max(0, bytes.length - cut);
        frame.split('H264', Uint8Array.from(bytes), length, most);
        for (const piece of pieces(frame)) {
          expect(piece.offset + piece.length).toBeLessThanOrEqual(length);
          expect(piece.length).toBeGreaterThan(0);
          expect(piece.length + (piece.header === 0 ? 0 : 2)).toBeLessThanOrEqual(most);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
