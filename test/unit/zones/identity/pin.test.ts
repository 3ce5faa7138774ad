import { expect, test } from 'vitest';
import { hashPin, verifyPin } from '#zones/identity/pin.ts';

test('a PIN is verified by its hash, and another one is not', async () => {
  const hash = await hashPin('204816');
  expect(await verifyPin('204816', hash)).toBe(true);
  expect(await verifyPin('204817', hash)).toBe(false);
  expect(await verifyPin('', hash)).toBe(false);
});

test('a hash says how it was made, not of what, and no two are alike', async () => {
  const [one, other] = await Promise.all([hashPin('204816'), hashPin('204816')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(one).not.toBe(other);
});

test('a hash that the reference implementation made is verified', async () => {
  // From the test vectors of phc-winner-argon2 (test.c), version 0x13, Argon2id.
  const vector = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  expect(await verifyPin('password', vector)).toBe(true);
  expect(await verifyPin('differentpassword', vector)).toBe(false);
});

test.each(['123', '12345678901234567', '12a4', ' 1234', ''])(
  '"%s" is no PIN that a phone could type',
  async (pin) => {
    await expect(hashPin(pin)).rejects.toThrow('4 to 16 digits');
  },
);

test.each(['1234', '$argon2id$nonsense', '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$AAAA'])(
  '"%s" is no hash to verify by',
  async (hash) => {
    await expect(verifyPin('1234', hash)).rejects.toMatchObject({ code: 'config-invalid' });
  },
);
