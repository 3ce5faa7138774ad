import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { exportRecords, openRecords, purgeRecords, verifyRecords } from '#zones/cdr/index.ts';
import { changeLines, forgeStore } from './forge.ts';
import { call, leg, RecordsFixture } from './RecordsFixture.ts';

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['Date', 'setInterval', 'clearInterval'],
    now: new Date('2026-01-10T12:00:00Z'),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Two calls on each of three days. */
async function threeDays(): Promise<RecordsFixture> {
  const fixture = await RecordsFixture.open();
  for (const day of [10, 11, 12]) {
    vi.setSystemTime(new Date(`2026-01-${day}T12:00:00Z`));
    for (const name of ['Alice', 'Bob']) await call(fixture.records, leg(name));
  }
  return fixture;
}

test('records that were taken away are missed, also when the chain was made anew without anything signed', async () => {
  await using fixture = await threeDays();
  expect(await verifyRecords(fixture.place)).toMatchObject({ records: 12, heads: 2, faults: [] });
  await fixture.records.close('test');
  forgeStore(fixture.folder, [5, 6]);
  expect((await verifyRecords(fixture.place)).faults).toEqual([
    'the end of 2026-01-10, record 4, has no signed head',
    'the end of 2026-01-11, record 6, has no signed head',
  ]);
});

test('a purge certificate tells that what came after was taken away', async () => {
  await using fixture = await threeDays();
  await purgeRecords(fixture.place, '2026-01-10');
  await fixture.records.close('test');
  using database = new DatabaseSync(join(fixture.folder, 'records.sqlite'));
  database.exec('DELETE FROM heads; DELETE FROM records WHERE sequence > 4');
  expect((await verifyRecords(fixture.place)).faults).toEqual([
    'the end of the chain in the purge certificate for 2026-01-10 is not in it: record 12 is missing or another',
  ]);
});

test('the last day of a zone in which nothing happens any more is signed when it is over', async () => {
  await using fixture = await RecordsFixture.open();
  await call(fixture.records, leg('Alice'));
  await vi.advanceTimersByTimeAsync(180_000);
  expect(await verifyRecords(fixture.place)).toMatchObject({ heads: 0, faults: [] });
  vi.setSystemTime(new Date('2026-01-10T23:59:30Z'));
  await vi.advanceTimersByTimeAsync(180_000);
  await waitFor('the head', async () => (await verifyRecords(fixture.place)).heads === 1);
  await vi.advanceTimersByTimeAsync(180_000);
  vi.setSystemTime(new Date('2026-01-11T12:00:00Z'));
  await call(fixture.records, leg('Bob'));
  expect(await verifyRecords(fixture.place)).toMatchObject({ records: 4, heads: 1, faults: [] });
});

test('an export without what the zone has signed does not pass for a whole one', async () => {
  await using fixture = await threeDays();
  const exported = join(fixture.dataDir, 'export');
  await exportRecords(fixture.place, exported);
  expect(await verifyRecords({ exported })).toMatchObject({ heads: 2, isDelivered: false, faults: [] });
  const heads = join(exported, 'heads.jsonl');
  await changeLines(heads, () => []);
  expect((await verifyRecords({ exported })).faults).toHaveLength(2);
  await rm(heads);
  await expect(verifyRecords({ exported })).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('heads.jsonl') as string,
  });
  expect(await openRecords({ exported }, testOwnerIdentity)).toHaveLength(12);
});

test('a record that is in an export twice, or in another place, is found', async () => {
  await using fixture = await threeDays();
  const exported = join(fixture.dataDir, 'export');
  await exportRecords(fixture.place, exported);
  const chain = join(exported, 'chain.jsonl');
  const whole = await readFile(chain, 'utf8');
  await changeLines(chain, (lines) => lines.toSpliced(4, 0, lines[4] ?? ''));
  expect((await verifyRecords({ exported })).faults).toEqual([
    'record 5 is there twice, or not in its place',
  ]);
  await writeFile(chain, whole);
  await changeLines(chain, (lines) => lines.toSpliced(4, 2));
  expect((await verifyRecords({ exported })).faults).toContain('record 6 is missing, and 1 before it');
});

test('what another key has signed is found with the zone’s public key from elsewhere', async () => {
  await using fixture = await threeDays();
  await using other = await threeDays();
  const exported = join(fixture.dataDir, 'export');
  await exportRecords(fixture.place, exported);
  const keyOf = ({ folder }: RecordsFixture): Promise<string> =>
    readFile(join(folder, 'signing-key.pub.pem'), 'utf8');
  // As by somebody who has put all of another zone in its place.
  await exportRecords(other.place, exported);
  expect(await verifyRecords({ exported })).toMatchObject({ records: 12, faults: [] });
  const publicKey = await keyOf(fixture);
  const { faults } = await verifyRecords({ exported }, { publicKey });
  expect(faults.join('\n')).toMatch(/wrong signature/);
  expect(await verifyRecords({ exported }, { publicKey: await keyOf(other) })).toMatchObject({ faults: [] });
  await expect(verifyRecords({ exported }, { publicKey: 'no key' })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  // What is made to look as if it had come by delivery has no signature at all.
  await rm(join(exported, 'heads.jsonl'));
  await changeLines(join(exported, 'chain.jsonl'), (lines) =>
    lines.map((line) => JSON.stringify({ ...(JSON.parse(line) as object), sealed: '' })),
  );
  const delivered = await verifyRecords({ exported }, { publicKey });
  expect(delivered.isDelivered).toBe(true);
  expect(delivered.faults[0]).toMatch(/nothing here is signed/);
});
