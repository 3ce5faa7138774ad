import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noAudioLevel, readAudioLevelDb } from '#media/mixer/audio/audioLevel.ts';
import { emptyRtpPacket, parseRtp, rtpHeaderBytes, writeRtpHeader } from '#media/mixer/rtp/packet.ts';

/** A packet with the header extension `elements` under `profile`. */
function withExtension(profile: number, elements: readonly number[]): Uint8Array {
  const padded = [...elements, ...new Array<number>((4 - (elements.length % 4)) % 4).fill(0)];
  const header = [0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
  return Uint8Array.from([...header, profile >> 8, profile & 0xff, 0, padded.length / 4, ...padded, 9, 9]);
}

function levelOf(data: Uint8Array, id: number): number {
  const packet = emptyRtpPacket();
  expect(parseRtp(data, 0, data.length, packet)).toBe(true);
  expect(packet.payloadLength).toBe(2);
  return readAudioLevelDb(data, packet, id);
}

test('what is written is read again', () => {
  fc.assert(
    fc.property(
      fc.nat(127),
      fc.boolean(),
      fc.nat(0xffff),
      fc.nat(0xffffffff),
      fc.nat(0xffffffff),
      fc.nat(50),
      (payloadType, marker, sequence, timestamp, ssrc, length) => {
        fc.pre(payloadType < 64 || payloadType > 95 || !marker);
        const data = new Uint8Array(100);
        writeRtpHeader(data, 7, payloadType, marker, sequence, timestamp, ssrc);
        const packet = emptyRtpPacket();
        expect(parseRtp(data, 7, rtpHeaderBytes + length, packet)).toBe(true);
        expect(packet).toMatchObject({ payloadType, marker, sequence, timestamp, ssrc });
        expect([packet.payloadOffset, packet.payloadLength]).toEqual([19, length]);
      },
    ),
  );
});

test('no bytes make it throw or point outside of the datagram', () => {
  const hostile = fc.uint8Array({ maxLength: 80 }).map((data) => {
    if (data.length > 0) data[0] = 0x80 | ((data[0] ?? 0) & 0x3f);
    return data;
  });
  fc.assert(
    fc.property(hostile, fc.nat(20), fc.nat(255), (data, cut, id) => {
      const length = Math.max(0, data.length - cut);
      const packet = emptyRtpPacket();
      if (!parseRtp(data, 0, length, packet)) return;
      expect(packet.payloadLength).toBeGreaterThanOrEqual(0);
      expect(packet.payloadOffset + packet.payloadLength).toBeLessThanOrEqual(length);
      expect(packet.extensionOffset + packet.extensionLength).toBeLessThanOrEqual(Math.max(length, 0));
      const level = readAudioLevelDb(data, packet, id);
      expect(level).toBeGreaterThanOrEqual(-127);
      expect(level).toBeLessThanOrEqual(noAudioLevel);
    }),
    { numRuns: 2000 },
  );
});

test('RTCP that shares the port is no RTP', () => {
  const senderReport = Uint8Array.from([0x80, 200, 0, 6, ...new Array<number>(24).fill(0)]);
  expect(parseRtp(senderReport, 0, senderReport.length, emptyRtpPacket())).toBe(false);
});

test('padding is no payload, and padding that is longer than the packet is refused', () => {
  const data = Uint8Array.from([0xa0, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 7, 7, 0, 2]);
  const packet = emptyRtpPacket();
  expect(parseRtp(data, 0, data.length, packet)).toBe(true);
  expect(packet.payloadLength).toBe(2);
  data[15] = 5;
  expect(parseRtp(data, 0, data.length, packet)).toBe(false);
});

test('the audio level is read from one-byte and two-byte header extensions, among others and padding', () => {
  expect(levelOf(withExtension(0xbede, [0x32, 1, 2, 3, 0, 0x10, 0x80 | 42]), 1)).toBe(-42);
  expect(levelOf(withExtension(0x1000, [3, 2, 1, 2, 0, 1, 1, 42]), 1)).toBe(-42);
  expect(levelOf(withExtension(0xbede, [0x10, 42]), 2)).toBe(noAudioLevel);
  expect(levelOf(withExtension(0x1234, [0x10, 42]), 1)).toBe(noAudioLevel);
  expect(levelOf(withExtension(0xbede, [0xf0, 42, 0x10, 42]), 1)).toBe(noAudioLevel);
  expect(levelOf(withExtension(0x1000, [0, 0, 0, 1]), 1)).toBe(noAudioLevel);
});
