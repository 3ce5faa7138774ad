import { execFile } from 'node:child_process';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { Postgres } from '#test/support/Postgres.ts';
import {
  exportRecords,
  openRecords,
  purgeRecords,
  purgeRecordsBefore,
  recordsText,
  verifyRecords,
} from '#zones/cdr/index.ts';
import { call, leg, openRecordsIn, RecordsFixture } from './RecordsFixture.ts';
import { killOften } from './killOften.ts';

const run = promisify(execFile);

let postgres: Postgres;
beforeAll(async () => {
  postgres = await Postgres.start();
}, 30_000);
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

const stores = {
  sqlite: () => RecordsFixture.open(),
  postgres: async () => RecordsFixture.open({ postgres_url_file: (await postgres.database()).urlFile }),
};

const kinds = ['sqlite', 'postgres'] as const;

test.each(kinds)(
  'in %s records are opened by the owner, in order, and go on after a restart',
  async (kind) => {
    await using fixture = await stores[kind]();
    await call(fixture.records, leg('Alice'));
    await fixture.reopen();
    await call(fixture.records, leg('Bob'));
    const records = await openRecords(fixture.place, testOwnerIdentity);
    expect(records.map((record) => record.display_name ?? record.cause)).toEqual([
      'Alice',
      'remote-hangup',
      'Bob',
      'remote-hangup',
    ]);
    const [, second, third] = await fixture.records.source.next(0, 10);
    expect(third).toMatchObject({ sequence: 3, previousHash: second?.hash });
    expect(await verifyRecords(fixture.place)).toMatchObject({ records: 4, heads: 1, faults: [] });
  },
);

test.each(kinds)(
  'in %s records that come at once are all there, once, each leg closed after it was opened',
  async (kind) => {
    await using fixture = await stores[kind]();
    const people = Array.from({ length: 300 }, (_, index) => leg(`Guest ${index}`));
    await Promise.all(people.map((who) => call(fixture.records, who)));
    const records = await openRecords(fixture.place, testOwnerIdentity);
    for (const type of ['leg-start', 'leg-end']) {
      const legs = records.filter((record) => record.type === type).map((record) => record.leg_id);
      expect(new Set(legs)).toEqual(new Set(people.map(({ legId }) => legId)));
      expect(legs).toHaveLength(people.length);
    }
    await fixture.reopen();
    // Nothing was left open.
    expect(await verifyRecords(fixture.place)).toMatchObject({ records: 600, faults: [] });
  },
);

test.each(kinds)(
  'in %s, however often the process is killed, no acknowledged record is lost and open legs are closed as worker-lost',
  async (kind) => {
    await using fixture = await stores[kind]();
    const acknowledged = await killOften(fixture, 4);
    const records = await openRecords(fixture.place, testOwnerIdentity);
    const started = records.filter(({ type }) => type === 'leg-start').map((record) => record.leg_id);
    const ended = records.filter(({ type }) => type === 'leg-end');
    expect(acknowledged.size).toBeGreaterThan(4);
    expect([...acknowledged].filter((id) => !started.includes(id))).toEqual([]);
    expect(new Set(ended.map((record) => record.leg_id))).toEqual(new Set(started));
    expect(ended).toHaveLength(started.length);
    expect(ended.some(({ cause }) => cause === 'worker-lost')).toBe(true);
    expect(await verifyRecords(fixture.place)).toMatchObject({ faults: [] });
  },
  60_000,
);

test.each(kinds)(
  'in %s records of a purged day are gone, the rest can be opened, and all of it verifies',
  async (kind) => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-10T12:00:00Z') });
    try {
      await using fixture = await stores[kind]();
      for (const day of [10, 11, 12, 13]) {
        vi.setSystemTime(new Date(`2026-01-${day}T12:00:00Z`));
        await call(fixture.records, leg(`Guest of the ${day}th`));
      }
      await expect(purgeRecords(fixture.place, '2026-01-13')).rejects.toThrow(/still being written/);
      await expect(purgeRecordsBefore(fixture.place, '2026-01-14')).rejects.toThrow(/still being written/);
      expect(await purgeRecords(fixture.place, '2026-01-11')).toMatchObject({ records: 2 });
      expect(await purgeRecordsBefore(fixture.place, '2026-01-12')).toMatchObject([
        { day: '2026-01-10', records: 2 },
      ]);
      const names = (await openRecords(fixture.place, testOwnerIdentity)).flatMap(
        (record) => record.display_name ?? [],
      );
      expect(names).toEqual(['Guest of the 12th', 'Guest of the 13th']);
      expect(await verifyRecords(fixture.place)).toMatchObject({
        records: 8,
        purged: 4,
        certificates: 2,
        faults: [],
      });
    } finally {
      vi.useRealTimers();
    }
  },
);

test.each(kinds)(
  'in %s records are opened and verified from an export, where every change of it is found',
  async (kind) => {
    await using fixture = await stores[kind]();
    for (const name of ['Alice', 'Bob', 'Carol']) await call(fixture.records, leg(name));
    await fixture.reopen();
    const exported = join(fixture.dataDir, 'export');
    expect(await exportRecords(fixture.place, exported)).toBe(6);
    const [here, there] = [
      await openRecords(fixture.place, testOwnerIdentity),
      await openRecords({ exported }, testOwnerIdentity),
    ];
    expect(there).toEqual(here);
    expect(await verifyRecords({ exported })).toMatchObject({ records: 6, heads: 1, faults: [] });

    const chain = join(exported, 'chain.jsonl');
    const lines = (await readFile(chain, 'utf8')).split('\n');
    await writeFile(chain, lines.toSpliced(2, 1).join('\n'));
    expect((await verifyRecords({ exported })).faults.join('\n')).toMatch(/record 3 is missing/);
    await writeFile(chain, lines.slice(0, 5).join('\n'));
    expect((await verifyRecords({ exported })).faults.join('\n')).toMatch(
      /head signed at .* is not in the chain/,
    );
    await writeFile(chain, `${lines.join('\n')}{"sequence":7}\n`);
    await expect(verifyRecords({ exported })).rejects.toThrow(/chain\.jsonl:7 is no line of an export/);
    await writeFile(chain, lines.join('\n'));
    const [day = ''] = (await readdir(exported)).filter((name) => name.startsWith('20'));
    await rm(join(exported, day, '000004.1.age'));
    expect((await verifyRecords({ exported })).faults.join('\n')).toMatch(/record 4 is gone without a purge/);
  },
);

test('a database has the records of one zone, written by one process', async () => {
  const { url, urlFile } = await postgres.database();
  await using fixture = await RecordsFixture.open({ postgres_url_file: urlFile });
  await expect(openRecordsIn(fixture.dataDir, { postgres_url_file: urlFile })).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/another process writes call records/) as string },
  });
  await fixture.records.close('test');
  await postgres.query(url, "UPDATE zonebridge.meta SET value = 'core' WHERE name = 'zone'");
  await expect(fixture.reopen()).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/call records of the zone core/) as string },
  });
  await postgres.query(url, "UPDATE zonebridge.meta SET value = 'meetme' WHERE name = 'zone'");
  await fixture.reopen();
}, 20_000);

test('while PostgreSQL is away nobody comes in, and what has happened is written when it is back', async () => {
  await using fixture = await RecordsFixture.open({ postgres_url_file: (await postgres.database()).urlFile });
  const [alice, bob, carol] = [leg('Alice'), leg('Bob'), leg('Carol')];
  await fixture.records.write({ type: 'leg-start', leg: alice });
  await postgres.kill();
  const ended = fixture.records.write({ type: 'leg-end', legId: alice.legId, cause: 'remote-hangup' });
  await expect(fixture.records.write({ type: 'leg-start', leg: bob })).rejects.toMatchObject({
    code: 'unavailable',
  });
  await postgres.resume();
  await ended;
  await fixture.records.write({ type: 'leg-start', leg: carol });
  const records = await openRecords(fixture.place, testOwnerIdentity);
  expect(records.map(({ type, display_name: name }) => name ?? type)).toEqual(['Alice', 'leg-end', 'Carol']);
}, 30_000);

test('connections that break while records are written lose and double none', async () => {
  const { url, urlFile } = await postgres.database();
  await using fixture = await RecordsFixture.open({ postgres_url_file: urlFile });
  const acknowledged: string[] = [];
  let breaks = 0;
  const end = Date.now() + 3_000;
  const breaking = (async () => {
    while (Date.now() < end) {
      const rows = await postgres.query(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'zonebridge'",
      );
      breaks += rows.length;
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 60));
    }
  })();
  while (Date.now() < end) {
    const who = leg('Alice');
    const written = await fixture.records.write({ type: 'leg-start', leg: who }).then(
      () => true,
      () => false,
    );
    if (written) acknowledged.push(who.legId);
  }
  await breaking;
  expect(breaks).toBeGreaterThan(5);
  expect(acknowledged.length).toBeGreaterThan(20);
  const legs = (await openRecords(fixture.place, testOwnerIdentity)).map((record) => record.leg_id);
  expect(new Set(legs).size).toBe(legs.length);
  expect(acknowledged.filter((id) => !legs.includes(id))).toEqual([]);
  expect(await verifyRecords(fixture.place)).toMatchObject({ faults: [] });
}, 30_000);

test('PostgreSQL takes the SQL of opened records, whatever is in a name', async () => {
  const { url, urlFile } = await postgres.database();
  await using fixture = await RecordsFixture.open({ postgres_url_file: urlFile });
  const names = ["Robert'); DROP TABLE call_records;--", 'back\\slash', 'new\nline', '\\q', '\0nul'];
  for (const name of names) await fixture.records.write({ type: 'leg-start', leg: leg(name) });
  const records = await openRecords(fixture.place, testOwnerIdentity);
  const text = recordsText(records, { format: 'sql', zone: 'meetme' });
  const file = join(fixture.dataDir, 'records.sql');
  await writeFile(file, text);
  await run('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-f', file, url]);
  const rows = await postgres.query(url, 'SELECT display_name, packets_lost FROM call_records');
  expect(rows.map((row) => row.display_name)).toEqual([...names.slice(0, 4), '\uFFFDnul']);
});

test('a database on another host must prove its name', async () => {
  await using fixture = await RecordsFixture.open();
  const urlFile = join(fixture.dataDir, 'postgres.url');
  const opened = async (text: string): Promise<unknown> => {
    await writeFile(urlFile, `${text}\n`);
    return openRecords({ dataDir: fixture.dataDir, postgresUrlFile: urlFile }, testOwnerIdentity);
  };
  for (const query of ['', '?sslmode=require', '?sslmode=no-verify', '?sslmode=disable']) {
    await expect(opened(`postgres://zone:geheim@192.0.2.1/zone${query}`)).rejects.toThrow(
      /sslmode=verify-full/,
    );
  }
  await expect(opened('mysql://zone:geheim@192.0.2.1/zone')).rejects.not.toThrow(/geheim/);
  await expect(opened('mysql://zone:geheim@192.0.2.1/zone')).rejects.toThrow(/must hold one line such as/);
});
