import { expect, test } from 'vitest';
import { native } from '#media/native/index.ts';
import { signalToErrorDb, tone } from './signal.ts';

type Law = 'PCMA' | 'PCMU';

function decode(law: Law, codes: readonly number[]): number[] {
  const out = new Int16Array(codes.length);
  expect(new native.G711Codec(law).decode(Uint8Array.from(codes), 0, codes.length, out)).toBe(codes.length);
  return [...out];
}

function encode(law: Law, samples: readonly number[]): number[] {
  const out = new Uint8Array(samples.length);
  expect(new native.G711Codec(law).encode(Int16Array.from(samples), out)).toBe(samples.length);
  return [...out];
}

/**
 * Decoder values of ITU-T G.711 tables 1a and 2a (A-law, 13 bit) and of tables 1b and 2b (mu-law, 14 bit), left
 * aligned in 16 bits: [character signal, value].
 */
const aLaw = [
  [0xd5, 1 << 3],
  [0x55, -1 << 3],
  [0xd4, 3 << 3],
  [0xda, 31 << 3],
  [0xc5, 33 << 3],
  [0xf5, 66 << 3],
  [0x85, 528 << 3],
  [0xb5, 1056 << 3],
  [0xa5, 2112 << 3],
  [0xaa, 4032 << 3],
  [0x2a, -4032 << 3],
] as const;

const muLaw = [
  [0xff, 0],
  [0xfe, 2 << 2],
  [0xf0, 30 << 2],
  [0xef, 33 << 2],
  [0xdf, 99 << 2],
  [0xcf, 231 << 2],
  [0xaf, 1023 << 2],
  [0x9f, 2079 << 2],
  [0x8f, 4191 << 2],
  [0x80, 8031 << 2],
  [0x00, -8031 << 2],
] as const;

test('A-law codes decode to the values of the ITU tables, and those encode to the same codes', () => {
  const codes = aLaw.map(([code]) => code);
  expect(decode('PCMA', codes)).toEqual(aLaw.map(([, value]) => value));
  expect(encode('PCMA', decode('PCMA', codes))).toEqual(codes);
});

test('mu-law codes decode to the values of the ITU tables, and those encode to the same codes', () => {
  const codes = muLaw.map(([code]) => code);
  expect(decode('PCMU', codes)).toEqual(muLaw.map(([, value]) => value));
  expect(encode('PCMU', decode('PCMU', codes))).toEqual(codes);
});

test.each(['PCMA', 'PCMU'] as const)('all 256 codes of %s survive a round trip', (law) => {
  // mu-law has two zeros; the negative one becomes the positive one.
  const codes = Array.from({ length: 256 }, (_, code) => code).filter(
    (code) => law === 'PCMA' || code !== 0x7f,
  );
  expect(encode(law, decode(law, codes))).toEqual(codes);
});

test.each(['PCMA', 'PCMU'] as const)(
  '%s gives each sample the nearest value, and clips the loudest',
  (law) => {
    const samples = Array.from({ length: 65_536 }, (_, i) => i - 32_768);
    const decoded = decode(law, encode(law, samples));
    for (const [i, sample] of samples.entries()) {
      // Half a step of the sample's segment, which grows with it by powers of two; at least the first segment's.
      const allowed = Math.max(16, Math.abs(sample) / 16 / 2 + 8, Math.abs(sample) - 32_124);
      expect(Math.abs((decoded[i] ?? NaN) - sample)).toBeLessThanOrEqual(allowed);
    }
  },
);

test.each(['PCMA', 'PCMU'] as const)('a tone survives %s', (law) => {
  const pcm = tone(1000, 8000, 8000);
  expect(signalToErrorDb(pcm, Int16Array.from(decode(law, encode(law, [...pcm]))))).toBeGreaterThan(35);
});
