import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TotpCodes } from '#zones/identity/TotpCodes.ts';
import { parseTotpSecret, readTotpSecret, totpCode, type TotpSecret } from '#zones/identity/totp.ts';
import { UsedCodes } from '#zones/identity/UsedCodes.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'used-codes-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Of a zone in which none was used. */
function usedCodes(): Promise<UsedCodes> {
  return UsedCodes.open(join(folder, `${randomUUID()}.json`));
}

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

test('a code counts in its own half minute, the one before and the one after, and no longer', async () => {
  const nowMs = 1_700_000_010_000;
  const step = Math.floor(nowMs / 30_000);
  const taken: boolean[] = [];
  for (const offset of [-2, -1, 0, 1, 2])
    taken.push(await new TotpCodes(sha1, await usedCodes()).take(totpCode(sha1, step + offset), nowMs));
  expect(taken).toEqual([false, true, true, true, false]);
});

test('a code lets in once only, while the next one does again', async () => {
  const codes = new TotpCodes(sha1, await usedCodes());
  const nowMs = 1_700_000_010_000;
  const step = Math.floor(nowMs / 30_000);
  expect(await codes.take(totpCode(sha1, step), nowMs)).toBe(true);
  expect(await codes.take(totpCode(sha1, step), nowMs)).toBe(false);
  expect(await codes.take(totpCode(sha1, step), nowMs + 30_000)).toBe(false);
  expect(await codes.take(totpCode(sha1, step + 1), nowMs + 30_000)).toBe(true);
});

test('a code that was used is still used after a restart, and is forgotten when it counts no more', async () => {
  const path = join(folder, 'restart.json');
  const nowMs = 1_700_000_010_000;
  const step = Math.floor(nowMs / 30_000);
  const before = new TotpCodes(sha1, await UsedCodes.open(path));
  expect(await before.take(totpCode(sha1, step), nowMs)).toBe(true);
  const after = new TotpCodes(sha1, await UsedCodes.open(path));
  expect(await after.take(totpCode(sha1, step), nowMs + 1000)).toBe(false);
  // Another secret has codes of its own.
  const other = { ...sha1, key: Buffer.from('another secret of a room') };
  expect(await new TotpCodes(other, await UsedCodes.open(path)).take(totpCode(other, step), nowMs)).toBe(
    true,
  );
  const later = new TotpCodes(sha1, await UsedCodes.open(path));
  expect(await later.take(totpCode(sha1, step + 9), nowMs + 270_000)).toBe(true);
  const kept = Object.values(JSON.parse(await readFile(path, 'utf8')) as object);
  expect(kept).toEqual([[step + 9]]);
});

test('of two that type the same code at once one comes in', async () => {
  const codes = new TotpCodes(sha1, await usedCodes());
  const nowMs = 1_700_000_010_000;
  const code = totpCode(sha1, Math.floor(nowMs / 30_000));
  expect(await Promise.all([codes.take(code, nowMs), codes.take(code, nowMs)])).toEqual([true, false]);
});

test('a list of used codes that cannot be read or written lets nobody in unseen', async () => {
  const path = join(folder, 'broken.json');
  await writeFile(path, '{"a":');
  await expect(UsedCodes.open(path)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/broken\.json, the list of used codes, .* delete it/) as string,
  });
  const codes = new TotpCodes(sha1, await UsedCodes.open(join(folder, 'no-such-folder', 'used.json')));
  await expect(codes.take(totpCode(sha1, 7), 7 * 30_000)).rejects.toMatchObject({ code: 'unavailable' });
});

test('codes of another length or none at all are wrong', async () => {
  const codes = new TotpCodes(sha1, await usedCodes());
  for (const code of ['', '123456', '123456789']) expect(await codes.take(code, 59_000)).toBe(false);
});
