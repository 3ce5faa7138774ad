import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { Postgres } from '#test/support/Postgres.ts';
import { openRecords, verifyRecords } from '#zones/cdr/index.ts';
import { PostgresProxy } from './PostgresProxy.ts';
import { leg, RecordsFixture } from './RecordsFixture.ts';

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
