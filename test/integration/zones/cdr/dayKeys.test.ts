import { readdir, readFile } from 'node:fs/promises';
import type * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { exportRecords, openRecords, purgeRecords, verifyRecords } from '#zones/cdr/index.ts';
import { writeOnce } from '#zones/cdr/files.ts';
import { call, leg, RecordsFixture } from './RecordsFixture.ts';

/** Folders that cannot be read, as when too many files are open. */
const unreadable = new Set<string>();
/** What happens as soon as the names in a folder have been read, once. */
const afterReading = new Map<string, () => Promise<void>>();

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  const refuse = (path: unknown): void => {
    if (typeof path === 'string' && unreadable.has(path))
      throw Object.assign(new Error(`EMFILE: too many open files, '${path}'`), { code: 'EMFILE' });
  };
  return {
    ...real,
    readdir: async (...given: Parameters<typeof real.readdir>) => {
      refuse(given[0]);
      const names = await real.readdir(...given);
      const then = afterReading.get(String(given[0]));
      afterReading.delete(String(given[0]));
      await then?.();
      return names;
    },
    readFile: async (...given: Parameters<typeof real.readFile>) => {
      refuse(given[0]);
      return real.readFile(...given);
    },
  };
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-10T12:00:00Z') });
});
afterEach(() => {
  unreadable.clear();
  vi.useRealTimers();
});

test('while the folder of keys cannot be read no key is made, and none takes the place of another', async () => {
  await using fixture = await RecordsFixture.open();
  await call(fixture.records, leg('Alice'));
  const keys = join(fixture.folder, 'keys');
  await fixture.reopen();
  unreadable.add(keys);
  await expect(fixture.records.write({ type: 'leg-start', leg: leg('Bob') })).rejects.toMatchObject({
    code: 'unavailable',
  });
  unreadable.clear();
  await call(fixture.records, leg('Carol'));
  expect((await readdir(keys)).sort()).toEqual(['2026-01-10.1.key.age', '2026-01-10.2.key.age']);
  const opened = await openRecords(fixture.place, testOwnerIdentity);
  expect(opened.flatMap(({ display_name: name }) => name ?? [])).toEqual(['Alice', 'Carol']);
});

test('a key’s file is never replaced', async () => {
  await using fixture = await RecordsFixture.open();
  await writeOnce(fixture.folder, 'key', 'first');
  await expect(writeOnce(fixture.folder, 'key', 'second')).rejects.toMatchObject({ code: 'unavailable' });
  expect(await readFile(join(fixture.folder, 'key'), 'utf8')).toBe('first');
  expect(await readdir(fixture.folder)).not.toContain('key.new');
});

test('no certificate says that keys are destroyed which could not be seen', async () => {
  await using fixture = await RecordsFixture.open();
  await call(fixture.records, leg('Alice'));
  vi.setSystemTime(new Date('2026-01-11T12:00:00Z'));
  unreadable.add(join(fixture.folder, 'keys'));
  await expect(purgeRecords(fixture.place, '2026-01-10')).rejects.toMatchObject({ code: 'unavailable' });
  unreadable.clear();
  expect(await readdir(join(fixture.folder, 'purges'))).toEqual([]);
  expect(await openRecords(fixture.place, testOwnerIdentity)).toHaveLength(2);
  expect(await purgeRecords(fixture.place, '2026-01-10')).toMatchObject({ records: 2 });
  expect(await readdir(join(fixture.folder, 'keys'))).toEqual([]);
  expect(await verifyRecords(fixture.place)).toMatchObject({ purged: 2, faults: [] });
});

test('a key that cannot be read is not taken for one that is gone, when records are delivered', async () => {
  await using fixture = await RecordsFixture.open();
  await call(fixture.records, leg('Alice'));
  const key = join(fixture.folder, 'keys', '2026-01-10.1.key.age');
  unreadable.add(key);
  await expect(fixture.records.source.sealedKey('2026-01-10', 1)).rejects.toMatchObject({
    code: 'unavailable',
  });
  unreadable.clear();
  expect(await fixture.records.source.sealedKey('2026-01-10', 1)).toEqual(await readFile(key));
  expect(await fixture.records.source.sealedKey('2026-01-10', 2)).toBeUndefined();
});

test('an export that is made while the zone works has the key of each of its records', async () => {
  await using fixture = await RecordsFixture.open();
  await call(fixture.records, leg('Alice'));
  afterReading.set(join(fixture.folder, 'keys'), async () => {
    vi.setSystemTime(new Date('2026-01-11T12:00:00Z'));
    await call(fixture.records, leg('Bob'));
  });
  const exported = join(fixture.dataDir, 'export');
  await exportRecords(fixture.place, exported);
  expect(afterReading.size).toBe(0);
  const lost: string[] = [];
  await openRecords({ exported }, testOwnerIdentity, { lost: (day) => lost.push(day) });
  expect(lost).toEqual([]);
  expect(await verifyRecords({ exported })).toMatchObject({ faults: [] });
});
