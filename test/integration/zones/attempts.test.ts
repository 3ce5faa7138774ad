import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { openDecision, openRecords } from '#zones/cdr/index.ts';
import { leg, RecordsFixture } from './cdr/RecordsFixture.ts';

test('of attempts of one source so many are kept with what they rested on, however many there are', async () => {
  await using fixture = await RecordsFixture.open();
  const ids = Array.from({ length: 40 }, () => randomUUID());
  for (const decisionId of ids) {
    const { decision, ...mallory } = leg('Mallory');
    await fixture.records.write({
      type: 'attempt-refused',
      leg: { ...mallory, decision: { ...decision, decisionId, effect: 'deny' } },
      cause: 'forbidden',
      request: { action: 'join', room: 'welcome', caller: { name: 'Mallory' } },
    });
  }
  const records = await openRecords(fixture.place, testOwnerIdentity);
  expect(records.map(({ type }) => type)).toEqual(Array(10).fill(['decision', 'attempt-refused']).flat());
  expect(await openDecision(fixture.place, testOwnerIdentity, ids[0] ?? '')).toMatchObject({
    room: 'welcome',
  });
});
