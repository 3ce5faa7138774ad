import { execFile } from 'node:child_process';
import { cp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { generateX25519Identity } from 'age-encryption';
import { expect, test, vi } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { exportRecords, openDecision, openRecords, purgeRecords, verifyRecords } from '#zones/cdr/index.ts';
import { bytesBelow } from './bytesBelow.ts';
import { call, leg, RecordsFixture } from './RecordsFixture.ts';

const run = promisify(execFile);
test('what was written is opened by the owner’s key, in order, and by no other', async () => {
  await using fixture = await RecordsFixture.open();
  await call(fixture.records, leg('Alice', { systemDomains: ['example.org'] }));
  const records = await openRecords(fixture.dataDir, testOwnerIdentity);
  expect(records).toMatchObject([
    { type: 'leg-start', display_name: 'Alice', system_domains: ['example.org'], decision_effect: 'allow' },
    { type: 'leg-end', cause: 'remote-hangup' },
  ]);
  const stranger = await generateX25519Identity();
  await expect(openRecords(fixture.dataDir, stranger)).rejects.toThrow(/none of the zone’s recipients/);
});

test('nothing on disk tells who called', async () => {
  await using fixture = await RecordsFixture.open();
  await call(fixture.records, leg('Marker-Alice', { uri: 'sip:marker-uri@example.org' }));
  await fixture.records.keepDecision('22222222-2222-4222-8222-222222222222', { caller: 'marker-caller' });
  const bytes = await bytesBelow(fixture.dataDir);
  expect(bytes.length).toBeGreaterThan(1000);
  for (const marker of ['Marker-Alice', 'marker-uri', 'marker-caller', '192.0.2.7']) {
    expect(bytes.includes(marker)).toBe(false);
  }
});

test('the standard age tool opens an export', async () => {
  await using fixture = await RecordsFixture.open();
  await call(fixture.records, leg('Alice'));
  const out = join(fixture.dataDir, 'export');
  expect(await exportRecords(fixture.dataDir, out)).toBe(2);
  const owner = join(out, 'owner.txt');
  await writeFile(owner, testOwnerIdentity);
  const [keyFile = ''] = await readdir(join(out, 'keys'));
  const [day = ''] = keyFile.split('.');
  await run('age', ['-d', '-i', owner, '-o', join(out, 'day.txt'), join(out, 'keys', keyFile)]);
  const { stdout } = await run('age', ['-d', '-i', join(out, 'day.txt'), join(out, day, '000001.1.age')]);
  expect(JSON.parse(stdout)).toMatchObject({ type: 'leg-start', display_name: 'Alice' });
});

test('a record that was changed, taken away or put elsewhere is found', async () => {
  await using fixture = await RecordsFixture.open();
  for (const name of ['Alice', 'Bob', 'Carol']) await call(fixture.records, leg(name));
  await fixture.reopen();
  expect(await verifyRecords(fixture.dataDir)).toMatchObject({ records: 6, faults: [] });
  const changes = {
    "UPDATE records SET sealed = x'00' WHERE sequence = 2": /sealed text of record 2/,
    "UPDATE records SET day = '2020-01-01' WHERE sequence = 3": /record 3 has been changed/,
    'DELETE FROM records WHERE sequence = 4': /record 4 is missing/,
    'DELETE FROM records WHERE sequence = 6': /head signed at .* is not in the chain/,
    "UPDATE records SET sealed = x'' WHERE sequence = 5": /record 5 is gone without a purge certificate/,
  };
  for (const [sql, fault] of Object.entries(changes)) {
    const copy = join(fixture.dataDir, 'copy');
    await cp(fixture.folder, join(copy, 'records'), { recursive: true });
    const database = new DatabaseSync(join(copy, 'records', 'records.sqlite'));
    database.exec(sql);
    database.close();
    expect((await verifyRecords(copy)).faults.join('\n')).toMatch(fault);
    await rm(copy, { recursive: true });
  }
});

test('after a purge nothing that is left opens the day’s records; certificate and chain verify', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-10T12:00:00Z') });
  try {
    await using fixture = await RecordsFixture.open();
    await call(fixture.records, leg('Alice'));
    const [first] = await fixture.records.source.next(0, 1);
    if (first === undefined) throw new Error('nothing was written');
    const sealed = Buffer.from(first.sealed);
    vi.setSystemTime(new Date('2026-01-11T12:00:00Z'));
    await call(fixture.records, leg('Bob'));
    await fixture.reopen();
    expect((await bytesBelow(fixture.folder)).includes(sealed.subarray(-64))).toBe(true);
    await expect(purgeRecords(fixture.dataDir, '2026-01-11')).rejects.toThrow(/still being written/);
    expect(await purgeRecords(fixture.dataDir, '2026-01-10')).toMatchObject({
      day: '2026-01-10',
      records: 2,
    });
    expect(await verifyRecords(fixture.dataDir)).toMatchObject({
      records: 4,
      purged: 2,
      certificates: 1,
      faults: [],
    });
    const names = (await openRecords(fixture.dataDir, testOwnerIdentity)).map(
      (record) => record.display_name,
    );
    expect(names).toEqual(['Bob', undefined]);
    const after = await bytesBelow(fixture.folder);
    expect(after.includes(sealed.subarray(-64))).toBe(false);
    const keys = await readdir(join(fixture.folder, 'keys'));
    expect(keys.every((key) => key.startsWith('2026-01-11'))).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test('records that are older than retention_days are purged at the start', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-10T12:00:00Z') });
  try {
    await using fixture = await RecordsFixture.open();
    await call(fixture.records, leg('Alice'));
    vi.setSystemTime(new Date('2026-02-10T12:00:00Z'));
    await fixture.reopen({ retention_days: 30 });
    expect(await openRecords(fixture.dataDir, testOwnerIdentity)).toEqual([]);
    expect(await verifyRecords(fixture.dataDir)).toMatchObject({ records: 2, purged: 2, faults: [] });
  } finally {
    vi.useRealTimers();
  }
});

test('a decision is kept so that the owner can have it decided again', async () => {
  await using fixture = await RecordsFixture.open();
  const id = '22222222-2222-4222-8222-222222222222';
  await fixture.records.keepDecision(id, { action: 'join', party: 'guest', left: undefined });
  expect(await openDecision(fixture.dataDir, testOwnerIdentity, id)).toEqual({
    action: 'join',
    party: 'guest',
  });
});

test('of many refused attempts of one source some are written and the rest are counted', async () => {
  await using fixture = await RecordsFixture.open();
  const { conferenceId: _, ...stranger } = leg('Mallory');
  for (let attempt = 0; attempt < 100; attempt += 1) {
    await fixture.records.write({ type: 'attempt-refused', leg: stranger, cause: 'forbidden' });
  }
  await fixture.reopen();
  const records = await openRecords(fixture.dataDir, testOwnerIdentity);
  expect(records.filter(({ type }) => type === 'attempt-refused')).toHaveLength(10);
  expect(records.at(-1)).toMatchObject({ type: 'attempts-summary', attempts: { forbidden: 90 } });
});
