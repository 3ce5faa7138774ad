import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { leg } from '#test/integration/zones/cdr/RecordsFixture.ts';
import { metadataLedger } from '#zones/cdr/ledger.ts';
import { recordJsonSchema } from '#zones/cdr/jsonSchema.ts';
import { recordsText } from '#zones/cdr/formats.ts';
import { recordOf } from '#zones/cdr/records.ts';
import { recordFields, recordSchema, type CallRecord } from '#zones/cdr/schema.ts';

const atMs = Date.parse('2026-11-26T10:07:00Z');
const conferenceId = '11111111-1111-4111-8111-111111111111';

/** A meeting of two organisations. */
function meeting(): readonly CallRecord[] {
  const acme = leg('Alice', { party: 'acme', remoteAddress: '192.0.2.1' });
  const other = leg('Bob; "the builder", <b>', { party: 'own', remoteAddress: '198.51.100.2' });
  return [
    recordOf({ type: 'leg-start', leg: acme }, atMs),
    recordOf({ type: 'conference-start', conferenceId, room: 'welcome' }, atMs),
    recordOf({ type: 'leg-start', leg: other }, atMs + 61_000),
    recordOf({ type: 'leg-end', legId: acme.legId, cause: 'remote-hangup' }, atMs + 120_000),
    recordOf(
      { type: 'leg-end', legId: other.legId, cause: 'pin-failed', detail: '5 wrong codes' },
      atMs + 180_000,
    ),
    recordOf({ type: 'conference-end', conferenceId, legs: 2, most: 2 }, atMs + 180_000),
  ];
}

test('records of every event fit the schema', () => {
  for (const record of meeting()) expect(recordSchema.parse(record)).toEqual(record);
});

test('the metadata ledger in docs is that of the schema', async () => {
  const file = new URL('../../../../docs/metadata-ledger.md', import.meta.url);
  expect(await readFile(file, 'utf8'), 'run npm run ledger').toBe(metadataLedger());
  for (const name of Object.keys(recordFields)) expect(metadataLedger()).toContain(`| \`${name}\` |`);
});

test('the JSON Schema in docs is that of the schema, and tells whose each field is', async () => {
  const file = new URL('../../../../docs/call-record.schema.json', import.meta.url);
  const schema = JSON.parse(await readFile(file, 'utf8')) as { properties: Record<string, unknown> };
  expect(schema, 'run npm run ledger').toEqual(recordJsonSchema());
  expect(Object.keys(schema.properties)).toEqual(Object.keys(recordFields));
  expect(schema).toMatchObject({
    required: ['type', 'time'],
    additionalProperties: false,
    properties: { display_name: { 'x-class': 'PII', 'x-owner': 'party', 'x-audience': 'own party' } },
  });
});

test('of others a party is told no change and no refused attempt', () => {
  const [alice, bob] = [leg('Alice', { party: 'acme' }), leg('Bob')];
  const records = [
    recordOf({ type: 'leg-start', leg: alice }, atMs),
    recordOf({ type: 'leg-start', leg: bob }, atMs),
    recordOf({ type: 'leg-update', legId: bob.legId, change: 'role host' }, atMs),
    recordOf({ type: 'leg-update', legId: alice.legId, change: 'role host' }, atMs),
    recordOf({ type: 'attempt-refused', leg: bob, cause: 'pin-failed' }, atMs),
  ];
  const lines = recordsText(records, { format: 'jsonl', zone: 'meetme', party: 'acme' }).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as CallRecord).type)).toEqual([
    'leg-start',
    'leg-start',
    'leg-update',
  ]);
});

/** As a party is given them. */
function shown(
  records: readonly CallRecord[],
  party: string,
  days: { readonly from?: string; readonly to?: string } = {},
): readonly CallRecord[] {
  const text = recordsText(records, { format: 'jsonl', zone: 'meetme', party, ...days });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CallRecord);
}

test('a party is told nothing of meetings in which it was not', () => {
  const elsewhere = '22222222-2222-4222-8222-222222222222';
  const carol = leg('Carol', { conferenceId: elsewhere });
  const records = [
    ...meeting(),
    recordOf({ type: 'conference-start', conferenceId: elsewhere, room: 'board' }, atMs),
    recordOf({ type: 'leg-start', leg: carol }, atMs),
    recordOf({ type: 'leg-end', legId: carol.legId, cause: 'remote-hangup' }, atMs + 1000),
    recordOf({ type: 'conference-end', conferenceId: elsewhere, legs: 1, most: 1 }, atMs + 1000),
  ];
  const seen = shown(records, 'acme');
  expect(seen).toHaveLength(meeting().length);
  expect(JSON.stringify(seen)).not.toContain(elsewhere);
  expect(shown(records, 'globex')).toEqual([]);
});

test('where the records of others stand tells no more of their time than is shown', () => {
  const [alice, bob, carol] = [
    leg('Alice', { party: 'acme' }),
    leg('Bob', { party: 'globex' }),
    leg('Carol', { party: 'initech' }),
  ];
  const between = (first: typeof bob, second: typeof bob): readonly CallRecord[] => [
    recordOf({ type: 'leg-start', leg: alice }, atMs),
    recordOf({ type: 'leg-start', leg: first }, atMs + 1000),
    recordOf({ type: 'leg-update', legId: alice.legId, change: 'role host' }, atMs + 2000),
    recordOf({ type: 'leg-start', leg: second }, atMs + 3000),
    recordOf({ type: 'leg-end', legId: second.legId, cause: 'remote-hangup' }, atMs + 4000),
    recordOf({ type: 'leg-end', legId: alice.legId, cause: 'remote-hangup' }, atMs + 5000),
    recordOf({ type: 'leg-end', legId: first.legId, cause: 'remote-hangup' }, atMs + 6000),
  ];
  for (const records of [between(bob, carol), between(carol, bob)]) {
    const seen = shown(records, 'acme');
    expect(seen.map(({ time }) => time)).toEqual(seen.map(({ time }) => time).toSorted());
    expect(seen.map(({ type, party }) => (party === 'acme' ? `own ${type}` : type))).toEqual([
      ...['leg-start', 'leg-start', 'leg-end', 'leg-end'],
      ...['own leg-start', 'leg-update', 'leg-end'],
    ]);
    // In each of both the opaque names alone, which are made anew, give the order.
    const [one = '', other = ''] = seen.map(({ party }) => party);
    expect(one < other).toBe(true);
  }
});

test('the end of a call that began on an earlier day is shown on its own', () => {
  const alice = leg('Alice', { party: 'acme' });
  const records = [
    recordOf({ type: 'leg-start', leg: alice }, Date.parse('2026-11-26T23:50:00Z')),
    recordOf(
      { type: 'leg-end', legId: alice.legId, cause: 'remote-hangup' },
      Date.parse('2026-11-27T00:10:00Z'),
    ),
  ];
  expect(shown(records, 'acme', { from: '2026-11-27' })).toMatchObject([{ type: 'leg-end' }]);
  expect(shown(records, 'acme', { to: '2026-11-26' })).toMatchObject([{ type: 'leg-start' }]);
});

test('SQL makes a table with a column for each field and a row for each record, whatever is in a name', () => {
  const names = ["Robert'); DROP TABLE call_records;--", 'back\\slash', 'new\nline', '\\q', ''];
  const records = names.map((name) => recordOf({ type: 'leg-start', leg: leg(name) }, atMs));
  const text = recordsText(records, { format: 'sql', zone: 'meetme' });
  using database = new DatabaseSync(':memory:');
  database.exec(text);
  database.exec(text);
  const rows = database.prepare('SELECT * FROM call_records').all();
  expect(rows.map((row) => row.display_name)).toEqual(names);
  expect(Object.keys(rows[0] ?? {})).toEqual(Object.keys(recordFields));
  expect(rows[0]).toMatchObject({ cause: null, decision_policies: '["own-people-come-in"]' });
});

test('two parties’ exports have nothing in common but the conference, the kinds of records and coarse times', () => {
  const values = (party: string): Set<string> => {
    const text = recordsText(meeting(), { format: 'jsonl', zone: 'meetme', party });
    const records = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return new Set(
      records.flatMap((record) =>
        Object.entries(record).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
      ),
    );
  };
  const [acme, own] = [values('acme'), values('own')];
  expect([...acme].join()).toContain('Alice');
  expect([...acme].join()).not.toMatch(/Bob|198\.51\.100\.2/);
  expect([...own].join()).not.toMatch(/Alice|192\.0\.2\.1/);
  const common = [...acme].filter((value) => own.has(value));
  // What both sent the same way in this test is no knowledge of the other.
  const ofOwnLegs =
    /^(type|room|direction|protocol|device|role|assurance|signaling_security|conference_id|time)=/;
  expect(common.filter((value) => !ofOwnLegs.test(value))).toEqual([]);
  expect([...acme].filter((value) => value.startsWith('party='))).toHaveLength(2);
});

test('CSV has a column for each field, and no cell that a spreadsheet takes for a formula', () => {
  const start = recordOf({ type: 'leg-start', leg: leg('=HYPERLINK("http://evil")') }, atMs);
  const [head = '', row = ''] = recordsText([start], { format: 'csv', zone: 'meetme' }).split('\r\n');
  expect(head.split(',')).toEqual(Object.keys(recordFields));
  expect(row).toContain(`"'=HYPERLINK(""http://evil"")"`);
});

test('Cisco’s XML has a record for each event, and nothing in a name breaks it', () => {
  const xml = recordsText(meeting(), { format: 'cms-xml', zone: 'meetme' });
  expect([...xml.matchAll(/type="(call\w+)"/g)].map(([, type]) => type)).toEqual([
    'callLegStart',
    'callStart',
    'callLegStart',
    'callLegEnd',
    'callLegEnd',
    'callEnd',
  ]);
  expect(xml).toContain('<displayName>Bob; &quot;the builder&quot;, &lt;b&gt;</displayName>');
  expect(xml).toContain('<reason>remoteTeardown</reason>');
  expect(xml).toContain('<reason>incorrectPasscode</reason>');
  expect(xml).toContain('<durationSeconds>180</durationSeconds>');
});

test('a vCon tells of one conference who was there from when to when', () => {
  const [line = ''] = recordsText(meeting(), { format: 'vcon', zone: 'meetme' }).split('\n');
  expect(JSON.parse(line)).toMatchObject({
    vcon: '0.3.0',
    uuid: conferenceId,
    parties: [{ name: 'Alice', org: 'acme' }, { org: 'own' }],
    dialog: [
      { start: '2026-11-26T10:07:00.000Z', duration: 120, parties: [0] },
      { duration: 119, parties: [1] },
    ],
  });
});
