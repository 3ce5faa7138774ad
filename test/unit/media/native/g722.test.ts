import { expect, test } from 'vitest';
import { damagedPacket, native, outTooShort } from '#media/native/index.ts';
import { tone, toneToNoiseDb } from './signal.ts';

// The upper band, from 4 kHz, has 2 bits a sample, the lower one 6.
test.each([
  [300, 25],
  [1000, 25],
  [5000, 15],
])('a tone of %i Hz survives G.722, %i dB above the noise', (hz, leastDb) => {
  const encoder = new native.G722Encoder();
  const decoder = new native.G722Decoder();
  const pcm = tone(hz, 16_000, 50 * 320);
  const decoded = new Int16Array(pcm.length);
  const packet = new Uint8Array(160);
  for (let start = 0; start < pcm.length; start += 320) {
    expect(encoder.encode(pcm.subarray(start, start + 320), packet)).toBe(160);
    expect(decoder.decode(packet, 0, 160, decoded.subarray(start, start + 320))).toBe(320);
  }
  expect(toneToNoiseDb(decoded.subarray(3200), hz, 16_000)).toBeGreaterThan(leastDb);
});

test('the decoder takes packets of any length that a datagram can have', () => {
  const decoder = new native.G722Decoder();
  const out = new Int16Array(200_000);
  for (const length of [1, 80, 161, 480, 65_507])
    expect(decoder.decode(new Uint8Array(length), 0, length, out)).toBe(2 * length);
});

test('an empty packet and a short output are negative numbers, and the decoder goes on', () => {
  const decoder = new native.G722Decoder();
  const packet = new Uint8Array(160);
  expect(decoder.decode(packet, 0, 0, new Int16Array(320))).toBe(damagedPacket);
  expect(decoder.decode(packet, 0, 160, new Int16Array(319))).toBe(outTooShort);
  expect(decoder.decode(packet, 0, 160, new Int16Array(320))).toBe(320);
});
