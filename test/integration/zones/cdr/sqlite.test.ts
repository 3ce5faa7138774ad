import { rm, statfs, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { SqliteFile } from '#zones/cdr/sqlite/SqliteFile.ts';
import { SqliteStore } from '#zones/cdr/sqlite/SqliteStore.ts';
import { openRecords, verifyRecords } from '#zones/cdr/index.ts';
import { Disk } from './Disk.ts';
import { call, leg, RecordsFixture } from './RecordsFixture.ts';

const records = Array.from({ length: 256 }, (_, index) => ({
  day: '2026-01-10',
  key: 1,
  sealed: Buffer.alloc(700, index),
}));

test.skipIf(process.getuid?.() !== 0)(
  'on a full disk nothing is appended, and all goes on when there is room again',
  async () => {
    await using disk = await Disk.create();
    const store = await SqliteStore.open(disk.folder);
    await store.append(records);
    const filler = join(disk.folder, 'filler');
    const { bfree, bsize } = await statfs(disk.folder);
    await writeFile(filler, Buffer.alloc(bfree * bsize - 2_000_000, 1));
    let written = records.length;
    const full = async (): Promise<void> => {
      for (;;) {
        await store.append(records);
        written += records.length;
      }
    };
    await expect(full()).rejects.toMatchObject({ code: 'unavailable' });
    expect(written).toBeGreaterThan(1000);
    // Idle time, in which the log would be copied into the file.
    await sleep(200);
    expect(await store.last()).toMatchObject({ sequence: written });
    await rm(filler);
    await store.append(records);
    await sleep(200);
    expect(await store.last()).toMatchObject({ sequence: written + records.length });
    await store.close();
  },
  60_000,
);

/** Those that are made while `use` runs. */
async function withThreads(use: (threads: readonly Worker[]) => Promise<void>): Promise<void> {
  const threads: Worker[] = [];
  const seen = (thread: Worker): void => void threads.push(thread);
  process.on('worker', seen);
  try {
    await use(threads);
  } finally {
    process.off('worker', seen);
  }
}

/** It is no request, so the thread throws where nothing catches it. */
function crash(thread: Worker | undefined): void {
  thread?.postMessage(null);
}

test('what waits for a thread that dies is told, and the next is done by another', async () => {
  await using fixture = await RecordsFixture.open();
  await withThreads(async (threads) => {
    const store = await SqliteStore.open(fixture.folder);
    crash(threads[0]);
    await expect(store.last()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await store.last()).toMatchObject({ sequence: 0 });
    await store.close();
    await expect(store.last()).rejects.toMatchObject({ code: 'unavailable' });
    expect(threads).toHaveLength(2);
  });
});

test('records are written again, once, after the thread that writes them has died', async () => {
  await withThreads(async (threads) => {
    await using fixture = await RecordsFixture.open();
    const alice = leg('Alice');
    await fixture.records.write({ type: 'leg-start', leg: alice });
    crash(threads[0]);
    await fixture.records.write({ type: 'leg-end', legId: alice.legId, cause: 'remote-hangup' });
    await call(fixture.records, leg('Bob'));
    await fixture.reopen();
    const opened = await openRecords(fixture.place, testOwnerIdentity);
    expect(opened.map(({ type, display_name: name }) => name ?? type)).toEqual([
      'Alice',
      'leg-end',
      'Bob',
      'leg-end',
    ]);
    expect(await verifyRecords(fixture.place)).toMatchObject({ records: 4, faults: [] });
  });
});

test('what a thread had written before it died is not written again by the next', async () => {
  await using fixture = await RecordsFixture.open();
  await fixture.records.close('test');
  const [one, two] = [1, 2].map((index) => ({ day: '2026-01-10', key: 1, sealed: Buffer.alloc(700, index) }));
  if (one === undefined || two === undefined) throw new Error('no records');
  const before = new SqliteFile(fixture.folder);
  before.append([one]);
  const { sequence } = before.last();
  before.close();
  const after = new SqliteFile(fixture.folder);
  after.append([one, two]);
  expect(after.last().sequence).toBe(sequence + 1);
  after.append([two]);
  expect(after.last().sequence).toBe(sequence + 2);
  after.close();
});
