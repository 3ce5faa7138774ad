import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader, encodeFrame } from '#signaling/sip/stack/control/framing.ts';

test('frames come out whole however the stream is cut, with lengths in bytes', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 5 });
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
  fc.assert(
    fc.property(texts, cuts, (payloads, sizes) => {
      const stream = Buffer.concat(payloads.map((payload) => encodeFrame(payload)));
      const reader = new FrameReader(10_000);
      const seen: string[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const end = at + (sizes[turn % sizes.length] ?? 1);
        for (const frame of reader.read(stream.subarray(at, end))) seen.push(frame.toString());
        at = end;
      }
      expect(seen).toEqual(payloads);
    }),
  );
});

test('a message follows its line after CRLF, byte for byte', () => {
  const message = Buffer.from([0xff, 0x00, 0x80]);
  const frame = encodeFrame(['id|sip', message]);
  expect(frame.toString('latin1')).toBe('11#id|sip\r\n\xff\x00\x80');
});

test.each([
  ['x#hello', 'no frame length'],
  ['0#', 'no frame length'],
  ['-4#abcd', 'no frame length'],
  ['12345678901', 'no frame length'],
  ['101#a', 'the limit is 100'],
])('the stream %j is refused', (text, complaint) => {
  const reader = new FrameReader(100);
  expect(() => [...reader.read(Buffer.from(text))]).toThrow(complaint);
});
