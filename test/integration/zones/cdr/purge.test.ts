import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { openRecords, purgeRecords, verifyRecords } from '#zones/cdr/index.ts';
import { Disk } from './Disk.ts';
import { openAllIn } from './openAllIn.ts';
import { call, leg, openRecordsIn, RecordsFixture } from './RecordsFixture.ts';

const run = promisify(execFile);
const purgingProgram = fileURLToPath(new URL('./purging.ts', import.meta.url));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-10T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

async function names(fixture: RecordsFixture): Promise<readonly string[]> {
  const records = await openRecords(fixture.place, testOwnerIdentity);
  return records.flatMap(({ display_name: name, type }) => name ?? (type === 'decision' ? [type] : []));
}

test('what is kept of a partner’s calls goes earlier when that was agreed, the rest of the day later', async () => {
  await using fixture = await RecordsFixture.open();
  const alice = leg('Alice', { party: 'acme' });
  await fixture.records.keepDecision('22222222-2222-4222-8222-222222222222', { party: 'acme' });
  await fixture.records.write({ type: 'leg-start', leg: alice });
  await call(fixture.records, leg('Bob'));
  await fixture.records.write({ type: 'leg-update', legId: alice.legId, change: 'decided again' });
  await fixture.records.write({ type: 'leg-end', legId: alice.legId, cause: 'remote-hangup' });

  vi.setSystemTime(new Date('2026-02-09T12:00:00Z'));
  await fixture.reopen();
  expect(await names(fixture)).toEqual(['decision', 'Alice', 'Bob']);

  vi.setSystemTime(new Date('2026-02-10T12:00:00Z'));
  await fixture.reopen();
  expect(await names(fixture)).toEqual(['Bob']);
  expect(await verifyRecords(fixture.place)).toMatchObject({ records: 6, purged: 4, faults: [] });

  vi.setSystemTime(new Date('2026-04-11T12:00:00Z'));
  await fixture.reopen();
  expect(await names(fixture)).toEqual([]);
  expect(await verifyRecords(fixture.place)).toMatchObject({
    records: 6,
    purged: 6,
    certificates: 1,
    faults: [],
  });
  expect(await readdir(join(fixture.folder, 'keys'))).toEqual([]);
});

test('a record that goes beside those that a certificate is for is found', async () => {
  await using fixture = await RecordsFixture.open();
  await call(fixture.records, leg('Alice', { party: 'acme' }));
  await call(fixture.records, leg('Bob'));
  vi.setSystemTime(new Date('2026-02-10T12:00:00Z'));
  await fixture.reopen();
  expect(await verifyRecords(fixture.place)).toMatchObject({ faults: [] });
  const database = new DatabaseSync(join(fixture.folder, 'records.sqlite'));
  database.exec("UPDATE records SET sealed = x'' WHERE sequence = 3");
  database.close();
  expect((await verifyRecords(fixture.place)).faults).toEqual([
    'the purge certificate for 2026-01-10 is for 2 records, but 3 are gone',
  ]);
});

test('a purge that is killed at any moment is completed later, and all verifies', async () => {
  await using fixture = await RecordsFixture.open();
  const days = Array.from({ length: 12 }, (_, index) => `2026-01-${10 + index}`);
  for (const day of days) {
    vi.setSystemTime(new Date(`${day}T12:00:00Z`));
    await call(fixture.records, leg('Alice', { party: 'acme' }));
    await call(fixture.records, leg('Bob'));
  }
  vi.setSystemTime(new Date('2026-02-28T12:00:00Z'));
  await fixture.records.close('the process takes over');
  let cutOff = 0;
  for (const day of days) {
    const child = spawn(process.execPath, [purgingProgram, fixture.dataDir, day], { stdio: 'inherit' });
    const exited = once(child, 'exit');
    const begun = join(fixture.folder, 'purges', `${day}.purging`);
    const watch = setInterval(() => {
      if (!existsSync(begun)) return;
      clearInterval(watch);
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 12);
    }, 1);
    await exited;
    clearInterval(watch);
    if (existsSync(begun)) cutOff += 1;
  }
  expect(cutOff).toBeGreaterThan(0);
  for (const day of days) await purgeRecords(fixture.place, day);
  expect(await verifyRecords(fixture.place)).toMatchObject({
    records: 48,
    purged: 48,
    certificates: days.length,
    faults: [],
  });
  for (const day of days) {
    const text = await readFile(join(fixture.folder, 'purges', `${day}.json`), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ records: 4, keys: [expect.any(String), expect.any(String)] });
  }
}, 60_000);

test.skipIf(process.getuid?.() !== 0)(
  'whoever has the raw disk and the owner’s key opens nothing of a purged day',
  async () => {
    await using disk = await Disk.create();
    const records = await openRecordsIn(disk.folder);
    await call(records, leg('Alice'));
    await call(records, leg('Alice'));
    vi.setSystemTime(new Date('2026-01-11T12:00:00Z'));
    await call(records, leg('Bob'));
    await records.close('test');
    await run('sync');
    const before = await openAllIn(await readFile(disk.image), testOwnerIdentity);
    expect(before.join('\n')).toMatch(/"display_name":"Alice"/);

    await purgeRecords(disk.folder, '2026-01-10');
    await run('sync');
    expect(await verifyRecords(disk.folder)).toMatchObject({ records: 6, purged: 4, faults: [] });
    const after = await openAllIn(await readFile(disk.image), testOwnerIdentity);
    expect(after.join('\n')).toMatch(/"display_name":"Bob"/);
    expect(after.join('\n')).not.toMatch(/Alice|2026-01-10/);
  },
  60_000,
);
