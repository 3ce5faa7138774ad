import { expect, test } from 'vitest';
import { configSchema, type Config } from '#src/config/index.ts';
import { dueWarnings, recipientFaults } from '#src/config/ownerFindings.ts';
import { governance, testRecipient } from '#test/support/governance.ts';
import { zone } from './zones.ts';

function config(more: Parameters<typeof zone>[2]): Config {
  return configSchema.parse({ zones: [zone('a', 'meetme', more)] });
}

test('a public key with one letter wrong, and the example of the sample, are no keys', () => {
  const wrong = `${testRecipient.slice(0, -1)}q`;
  const recipients = [testRecipient, wrong, 'age1putyourownpublickeyhere'];
  const faults = recipientFaults(config({ records: { recipients } }));
  expect(faults.map(({ path }) => path.at(-1))).toEqual([1, 2]);
  expect(faults[0]?.message).toContain('is no public key of age');
});

const partner = {
  ...{ name: 'acme', domains: ['acme.example'], contact: 'noc@acme.example', agreement: 'A-1' },
  expires: '2026-03-31',
};

test('a review date and an agreement end after their last day, by the clock of the zone', () => {
  const guests = { ...governance.guests, review_by: '2026-03-31' };
  const berlin = config({ time_zone: 'Europe/Berlin', guests, partners: [partner] });
  expect(dueWarnings(berlin, new Date('2026-03-31T21:59:00Z'))).toEqual([]);
  expect(dueWarnings(berlin, new Date('2026-03-31T22:00:00Z')).map(({ path }) => path.join('.'))).toEqual([
    'zones.0.guests.review_by',
    'zones.0.partners.0.expires',
  ]);
});

test('who denies guests anyway need not look at it again', () => {
  const guests = { ...governance.guests, model: 'deny' as const, review_by: '2020-01-01' };
  expect(dueWarnings(config({ guests }), new Date())).toEqual([]);
});
