import { expect, test } from 'vitest';
import { referenceTo } from '#signaling/tls/certificateReference.ts';
import { derElements } from '#signaling/tls/der.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

test('elements that follow each other are told apart, with short and long lengths', () => {
  const long = `04 82 0100 ${'ab'.repeat(256)}`;
  const elements = derElements(bytes(`02 01 05 ${long} 05 00`));
  expect(elements.map(({ tag, content }) => [tag, content.length])).toEqual([
    [2, 1],
    [4, 256],
    [5, 0],
  ]);
  expect(elements[1]?.whole).toEqual(bytes(long));
  expect(derElements(Buffer.alloc(0))).toEqual([]);
});

test.each(['30', '30 05 01', '30 80 0000', '30 82 01', '30 85 0000000001 00', '30 84 ffffffff 00'])(
  'bytes that are no DER are told: %s',
  (hex) => {
    expect(() => derElements(bytes(hex))).toThrow(expect.objectContaining({ code: 'bad-message' }));
  },
);

test('what is no certificate has no reference', () => {
  for (const hex of ['', '30 00', '30 02 30 00', '30 05 30 03 02 01 05']) {
    expect(() => referenceTo(bytes(hex))).toThrow(expect.objectContaining({ code: 'bad-message' }));
  }
});
