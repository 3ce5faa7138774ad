import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDtls, isRtcp, isRtp, isStun } from '#media/transport/rtpPacket.ts';
import { parseUnknownStream } from '#media/transport/worker/workerLog.ts';

test('any bytes are RTP, RTCP, DTLS, STUN or nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const packet = Buffer.from(bytes);
      const kinds = [isRtp, isRtcp, isDtls, isStun].filter((is) => is(packet));
      expect(kinds.length).toBeLessThan(2);
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
