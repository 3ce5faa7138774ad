import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  headerBytesOf,
  isDtls,
  isRtcp,
  isRtp,
  isStun,
  withoutHeaderExtension,
} from '#media/transport/rtpPacket.ts';
import { parseUnknownStream } from '#media/transport/worker/workerLog.ts';

const plain = Buffer.from('800000010000000200000003cafe', 'hex');
const extended = Buffer.from('900000010000000200000003bede000110300000cafe', 'hex');

test('a header extension is taken off, and nothing else', () => {
  expect(headerBytesOf(extended)).toBe(20);
  expect(withoutHeaderExtension(extended)).toEqual(plain);
  expect(withoutHeaderExtension(plain)).toEqual(plain);
});

test('any bytes are RTP, RTCP, DTLS, STUN or nothing, and reading their header never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const packet = Buffer.from(bytes);
      const kinds = [isRtp, isRtcp, isDtls, isStun].filter((is) => is(packet));
      expect(kinds.length).toBeLessThan(2);
      if (!isRtp(packet)) return;
      expect(headerBytesOf(packet) ?? 0).toBeLessThanOrEqual(packet.length);
      expect(withoutHeaderExtension(packet).length).toBeLessThanOrEqual(packet.length);
    }),
  );
});

test('the line of the worker that names a stream without producer is understood, others are not', () => {
  const line = 'RTC::Transport::ReceiveRtpPacket() | no suitable Producer for received RTP packet';
  expect(parseUnknownStream(`[pid:7] ${line} [ssrc:4294967295, payloadType:96]`)).toEqual({
    ssrc: 0xffff_ffff,
    payloadType: 96,
  });
  expect(parseUnknownStream(`[pid:7] ${line}`)).toBeUndefined();
});
