import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TotpCodes } from '#zones/identity/TotpCodes.ts';
import { parseTotpSecret, readTotpSecret, totpCode, type TotpSecret } from '#zones/identity/totp.ts';

/** RFC 6238 appendix B. */
const sha1: TotpSecret = { key: Buffer.from('12345678901234567890'), algorithm: 'sha1', digits: 8 };
const sha256: TotpSecret = {
  key: Buffer.from('12345678901234567890123456789012'),
  algorithm: 'sha256',
  digits: 8,
};
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

test.each([
  [59, '94287082', '46119246'],
  [1111111109, '07081804', '68084774'],
  [1111111111, '14050471', '67062674'],
  [1234567890, '89005924', '91819424'],
  [2000000000, '69279037', '90698825'],
  [20000000000, '65353130', '77737706'],
])('at %d s the codes are those of RFC 6238 appendix B', (seconds, ofSha1, ofSha256) => {
  const step = Math.floor(seconds / 30);
  expect(totpCode(sha1, step)).toBe(ofSha1);
  expect(totpCode(sha256, step)).toBe(ofSha256);
});

test('a secret is read in base32, in either case, in groups, padded', () => {
  for (const text of [secret, secret.toLowerCase(), `${secret.replace(/.{4}/g, '$& ')}====\n`]) {
    const { key, ...about } = parseTotpSecret(text);
    expect(Buffer.from(key).toString()).toBe('12345678901234567890');
    expect(about).toEqual({ algorithm: 'sha1', digits: 6 });
  }
});

test('an otpauth address says the algorithm and how many digits', () => {
  const address = `otpauth://totp/Room:welcome?secret=${secret}&algorithm=SHA256&digits=8&period=30`;
  expect(parseTotpSecret(address)).toMatchObject({ algorithm: 'sha256', digits: 8 });
});

test.each([
  ['1OBVIOUS', 'must be base32'],
  ['GEZDGNBV', 'must have 16 bytes or more'],
  ['', 'must have 16 bytes or more'],
  [`otpauth://hotp/x?secret=${secret}`, 'codes by counter'],
  [`otpauth://totp/x?secret=${secret}&period=60`, 'period of 30 seconds'],
  [`otpauth://totp/x?secret=${secret}&algorithm=MD5`, 'SHA1 or SHA256'],
  [`otpauth://totp/x?secret=${secret}&digits=5`, '6, 7 or 8 digits'],
])('the secret %j is refused with what is wrong, and is not repeated', (text, fault) => {
  expect(() => parseTotpSecret(text)).toThrow(fault);
  expect(() => parseTotpSecret(text)).not.toThrow(secret);
});

test('a file that is missing or holds no secret is named in the error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'totp-'));
  const path = join(folder, 'room.totp');
  await expect(readTotpSecret(path)).rejects.toMatchObject({
    code: 'config-invalid',
    message: expect.stringContaining(path) as string,
  });
  await writeFile(path, 'no secret!');
  await expect(readTotpSecret(path)).rejects.toThrow(
    `${path}: the secret of time-based codes must be base32`,
  );
  await writeFile(path, `${secret}\n`);
  expect(await readTotpSecret(path)).toEqual(parseTotpSecret(secret));
  await rm(folder, { recursive: true });
});

test('a code counts in its own half minute, the one before and the one after, and no longer', () => {
  const nowMs = 1_700_000_010_000;
  const step = Math.floor(nowMs / 30_000);
  const taken = [-2, -1, 0, 1, 2].map((offset) =>
    new TotpCodes(sha1).take(totpCode(sha1, step + offset), nowMs),
  );
  expect(taken).toEqual([false, true, true, true, false]);
});

test('a code lets in once only, while the next one does again', () => {
  const codes = new TotpCodes(sha1);
  const nowMs = 1_700_000_010_000;
  const step = Math.floor(nowMs / 30_000);
  expect(codes.take(totpCode(sha1, step), nowMs)).toBe(true);
  expect(codes.take(totpCode(sha1, step), nowMs)).toBe(false);
  expect(codes.take(totpCode(sha1, step), nowMs + 30_000)).toBe(false);
  expect(codes.take(totpCode(sha1, step + 1), nowMs + 30_000)).toBe(true);
});

test('codes of another length or none at all are wrong', () => {
  const codes = new TotpCodes(sha1);
  for (const code of ['', '123456', '123456789']) expect(codes.take(code, 59_000)).toBe(false);
});
