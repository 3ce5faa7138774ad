import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLog } from '#kernel/index.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { DigestAccounts } from '#zones/identity/DigestAccounts.ts';
import {
  makeDigestSecret,
  readDigestUsers,
  writeDigestUsers,
  type DigestAccount,
  type DigestFiles,
} from '#zones/identity/digestUsers.ts';

interface Folder extends AsyncDisposable, DigestFiles {
  readonly folder: string;
}

async function newFolder(): Promise<Folder> {
  const folder = await mkdtemp(join(tmpdir(), 'zonebridge-digest-'));
  const [usersFile, secretFile] = [join(folder, 'phones.users'), join(folder, 'phones.secret')];
  const dispose = (): Promise<void> => rm(folder, { recursive: true });
  expect(await makeDigestSecret(secretFile)).toBe(true);
  return { folder, usersFile, secretFile, realm: 'meet', [Symbol.asyncDispose]: dispose };
}

const account = (user: string, digit = 'a'): DigestAccount => ({
  user,
  groups: ['staff'],
  ha1: { 'SHA-256': digit.repeat(64) },
});

const fault = (text: string): object => ({
  code: 'config-invalid',
  message: expect.stringContaining(text) as unknown,
});

test('accounts come back as they were written, and the file shows neither users nor hashes', async () => {
  await using files = await newFolder();
  await writeDigestUsers(files, [account('annabelle'), account('bartholomew', 'b')]);
  expect(await readDigestUsers(files)).toEqual([account('annabelle'), account('bartholomew', 'b')]);
  const text = await readFile(files.usersFile, 'utf8');
  for (const secret of ['annabelle', 'bartholomew', '"groups"', 'a'.repeat(32), 'b'.repeat(32)])
    expect(text).not.toContain(secret);
  const modes = await Promise.all([files.usersFile, files.secretFile].map((file) => stat(file)));
  expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o600, 0o600]);
  expect(await readdir(files.folder)).toHaveLength(2);
  expect(await makeDigestSecret(files.secretFile)).toBe(false);
});

test('the file opens with its own secret and for its own zone only, and not when a byte of it was changed', async () => {
  await using files = await newFolder();
  await using other = await newFolder();
  await writeDigestUsers(files, [account('ann')]);
  await expect(readDigestUsers({ ...files, secretFile: other.secretFile })).rejects.toMatchObject(
    fault('cannot be opened with'),
  );
  await expect(readDigestUsers({ ...files, realm: 'other' })).rejects.toMatchObject(fault('for this zone'));
  const content = JSON.parse(await readFile(files.usersFile, 'utf8')) as { sealed: string };
  const sealed = content.sealed.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'));
  await writeFile(files.usersFile, JSON.stringify({ ...content, sealed }));
  await expect(readDigestUsers(files)).rejects.toMatchObject(fault('cannot be opened'));
  await writeFile(files.usersFile, '[]');
  await expect(readDigestUsers(files)).rejects.toMatchObject(fault('is no file of digest-user'));
});

test('a secret that others can read, that is too short or not there is refused, with what to do', async () => {
  await using files = await newFolder();
  await writeDigestUsers(files, []);
  await chmod(files.secretFile, 0o644);
  await expect(readDigestUsers(files)).rejects.toMatchObject(fault('chmod 600'));
  await chmod(files.secretFile, 0o600);
  await writeFile(files.secretFile, 'short\n');
  await expect(readDigestUsers(files)).rejects.toMatchObject(fault('digest-user add makes one'));
  await rm(files.secretFile);
  await expect(readDigestUsers(files)).rejects.toMatchObject(fault('is not there'));
});

test('a changed file counts at once, says who has lost his login, and a broken one changes nothing', async () => {
  await using files = await newFolder();
  await writeDigestUsers(files, [account('ann'), account('bob'), account('cy')]);
  await using accounts = await DigestAccounts.create({ ...files, log: createLog('silent'), settleMs: 10 });
  const lost: string[][] = [];
  accounts.onLost((users) => lost.push([...users]));
  await writeDigestUsers(files, [account('ann'), account('bob', 'c'), account('dan')]);
  await waitFor('the new account', () => accounts.find('dan') !== undefined);
  expect(lost).toEqual([['bob', 'cy']]);
  await writeFile(files.usersFile, 'broken');
  await writeDigestUsers({ ...files, usersFile: join(files.folder, 'unrelated') }, []);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(accounts.find('dan')).toEqual(account('dan'));
  expect(lost).toHaveLength(1);
});
