import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { Postgres } from '#test/support/Postgres.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { openRecords, purgeRecords, verifyRecords } from '#zones/cdr/index.ts';
import { PostgresStore } from '#zones/cdr/postgres/PostgresStore.ts';
import { bytesBelow } from './bytesBelow.ts';
import { openAllIn } from './openAllIn.ts';
import { PostgresProxy } from './PostgresProxy.ts';
import { call, leg, RecordsFixture } from './RecordsFixture.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await Postgres.start();
}, 30_000);
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

test('what was committed while its answer was lost and the server away is not written twice', async () => {
  await using proxy = await PostgresProxy.start((await postgres.database()).url);
  await using fixture = await RecordsFixture.open({ postgres_url_file: proxy.urlFile });
  const [alice, bob] = [leg('Alice'), leg('Bob')];
  for (const each of [alice, bob]) await fixture.records.write({ type: 'leg-start', leg: each });
  const lost = proxy.loseNextInsert();
  const ended = fixture.records.write({ type: 'leg-end', legId: alice.legId, cause: 'remote-hangup' });
  await lost;
  const also = fixture.records.write({ type: 'leg-end', legId: bob.legId, cause: 'remote-hangup' });
  // It is tried again, in vain, more than once.
  await sleep(1_500);
  proxy.comeBack();
  await Promise.all([ended, also]);
  await fixture.reopen();
  const records = await openRecords(fixture.place, testOwnerIdentity);
  expect(records.map(({ type, leg_id: id }) => [type, id])).toEqual([
    ['leg-start', alice.legId],
    ['leg-start', bob.legId],
    ['leg-end', alice.legId],
    ['leg-end', bob.legId],
  ]);
  expect(await verifyRecords(fixture.place)).toMatchObject({ records: 4, faults: [] });
}, 30_000);

const record = (day: string) => ({ day, key: 1, sealed: Buffer.alloc(100, day) });

test('records are appended while what was purged is erased, however long that takes', async () => {
  const { url } = await postgres.database();
  const store = await PostgresStore.open({ url, writes: true });
  const other = new Client({ connectionString: url });
  await other.connect();
  try {
    await store.append([record('2026-01-10')]);
    // As by a backup, or another tool that goes through the table.
    await other.query('BEGIN; LOCK TABLE zonebridge.records IN SHARE UPDATE EXCLUSIVE MODE');
    let isErased = false;
    const erased = store.erase('2026-01-10').then(() => (isErased = true));
    const waits = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'VACUUM%' AND wait_event_type = 'Lock'";
    await waitFor('the erasing to wait', async () => (await postgres.query(url, waits)).length === 1);
    for (let count = 0; count < 5; count += 1) await store.append([record('2026-01-11')]);
    expect(isErased).toBe(false);
    await other.query('COMMIT');
    await erased;
    const stored = await store.after(0, 10);
    expect(stored.map(({ sealed }) => sealed.length)).toEqual([0, 100, 100, 100, 100, 100]);
  } finally {
    await other.end();
    await store.close();
  }
}, 30_000);

test('a store that is closed while it erases leaves no connection behind', async () => {
  const { url } = await postgres.database();
  const store = await PostgresStore.open({ url, writes: true });
  await store.append([record('2026-01-10')]);
  const other = new Client({ connectionString: url });
  await other.connect();
  try {
    await other.query('BEGIN; LOCK TABLE zonebridge.records IN SHARE UPDATE EXCLUSIVE MODE');
    const erased = expect(store.erase('2026-01-10')).rejects.toMatchObject({ code: 'unavailable' });
    const waits = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'VACUUM%' AND wait_event_type = 'Lock'";
    await waitFor('the erasing to wait', async () => (await postgres.query(url, waits)).length === 1);
    await store.close();
    await erased;
    await other.query('COMMIT');
    const ours = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'zonebridge'";
    await waitFor('no connection to be there', async () => (await postgres.query(url, ours)).length === 0);
  } finally {
    await other.end();
  }
}, 30_000);

test('a zone does not wait for ever for tables that another holds', async () => {
  const { url } = await postgres.database();
  await (await PostgresStore.open({ url, writes: true })).close();
  const other = new Client({ connectionString: url });
  await other.connect();
  try {
    await other.query('BEGIN; LOCK TABLE zonebridge.records, zonebridge.meta');
    await expect(PostgresStore.open({ url, writes: true })).rejects.toMatchObject({ code: 'unavailable' });
  } finally {
    await other.end();
  }
}, 30_000);

test('after a purge nothing that is left, in the files and the log of PostgreSQL too, is opened by the owner’s key', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-10T12:00:00Z') });
  try {
    const { url, urlFile } = await postgres.database();
    await using fixture = await RecordsFixture.open({ postgres_url_file: urlFile });
    const opened = async (): Promise<string> => {
      await postgres.query(url, 'CHECKPOINT');
      const left = [await bytesBelow(postgres.dataFolder), await bytesBelow(fixture.folder)];
      return (await openAllIn(Buffer.concat(left), testOwnerIdentity)).join('\n');
    };
    await call(fixture.records, leg('Alice'));
    vi.setSystemTime(new Date('2026-01-11T12:00:00Z'));
    await call(fixture.records, leg('Bob'));
    expect(await opened()).toMatch(/"display_name":"Alice"/);
    expect(await purgeRecords(fixture.place, '2026-01-10')).toMatchObject({ records: 2 });
    expect(await readdir(join(fixture.folder, 'keys'))).toEqual(['2026-01-11.1.key.age']);
    const after = await opened();
    expect(after).toMatch(/"display_name":"Bob"/);
    expect(after).not.toMatch(/Alice|2026-01-10/);
    const rows = await postgres.query(url, "SELECT sealed FROM zonebridge.records WHERE day = '2026-01-10'");
    expect(rows).toEqual([{ sealed: Buffer.alloc(0) }, { sealed: Buffer.alloc(0) }]);
  } finally {
    vi.useRealTimers();
  }
}, 40_000);
