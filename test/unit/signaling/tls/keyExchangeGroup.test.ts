import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyExchangeGroup } from '#signaling/tls/keyExchangeGroup.ts';

test('a session without the field names no group', () => {
  expect(keyExchangeGroup(Buffer.from('3003020101', 'hex'))).toBeUndefined();
});

test('a group without a name is shown by its number', () => {
  expect(keyExchangeGroup(Buffer.from('3006b30402027f01', 'hex'))).toBe('0x7f01');
  expect(keyExchangeGroup(Buffer.from('3006b304020211ec', 'hex'))).toBe('X25519MLKEM768');
});

test('whatever comes, it does not throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const inner = Buffer.concat([Buffer.from([0x30, bytes.length]), bytes]);
      expect(() => [keyExchangeGroup(Buffer.from(bytes)), keyExchangeGroup(inner)]).not.toThrow();
    }),
  );
});
