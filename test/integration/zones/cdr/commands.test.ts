import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { exportRecords } from '#zones/cdr/index.ts';
import { call, leg, RecordsFixture } from './RecordsFixture.ts';

const run = promisify(execFile);
const root = new URL('../../../..', import.meta.url);

let folder: string;
let exported: string;

/** Three days, and the key of the first is gone. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zonebridge-cdr-'));
  exported = join(folder, 'export');
  await writeFile(join(folder, 'owner.txt'), testOwnerIdentity);
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-10T12:00:00Z') });
  try {
    await using fixture = await RecordsFixture.open();
    await call(fixture.records, leg('Alice'));
    vi.setSystemTime(new Date('2026-01-11T12:00:00Z'));
    await call(fixture.records, leg('Bob'));
    const carol = leg('Carol');
    await fixture.records.write({ type: 'leg-start', leg: carol });
    vi.setSystemTime(new Date('2026-01-12T00:10:00Z'));
    await fixture.records.write({ type: 'leg-end', legId: carol.legId, cause: 'remote-hangup' });
    await fixture.reopen();
    await exportRecords(fixture.place, exported);
  } finally {
    vi.useRealTimers();
  }
  await rm(join(exported, 'keys', '2026-01-10.1.key.age'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function cdr(...words: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return run(process.execPath, ['src/main.ts', 'cdr', ...words, '--export', exported], { cwd: root });
}

test('records whose key is gone are left out, and told of', async () => {
  const { stdout, stderr } = await cdr('open', '--identity', join(folder, 'owner.txt'));
  expect(stdout).toContain('Bob');
  expect(stdout).not.toContain('Alice');
  expect(stderr).toBe('2 records of 2026-01-10 are left out: their key is not there any more\n');
});

test('days that are not asked for are not opened', async () => {
  const words = ['open', '--identity', join(folder, 'owner.txt'), '--from', '2026-01-11'];
  const { stdout, stderr } = await cdr(...words, '--to', '2026-01-11');
  expect(stdout).toContain('Bob');
  expect(stderr).toBe('');
  expect(await cdr(...words, '--from', '2026-01-13')).toEqual({ stdout: '', stderr: '' });
});

test('for a party the end of a call is there without the day on which it began', async () => {
  const words = ['open', '--identity', join(folder, 'owner.txt'), '--party', 'own'];
  const { stdout } = await cdr(...words, '--from', '2026-01-12');
  expect(JSON.parse(stdout)).toMatchObject({ type: 'leg-end', time: '2026-01-12T00:10:00.000Z' });
});

test('an export is verified with the zone’s public key, and with that of another zone it fails', async () => {
  const own = join(exported, 'signing-key.pub.pem');
  const { stdout } = await cdr('verify', '--public-key', own);
  expect(stdout).toMatch(/^6 records \(0 purged\), 3 signed heads, .*: the chain is whole\n$/);
  await using other = await RecordsFixture.open();
  const another = join(other.folder, 'signing-key.pub.pem');
  await expect(cdr('verify', '--public-key', another)).rejects.toMatchObject({
    stderr: expect.stringMatching(/wrong signature/) as string,
  });
});
