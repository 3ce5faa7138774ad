import { recordFields } from './schema.ts';

/** The text of docs/metadata-ledger.md: every field of a record with whose it is and who may see it. */
export function metadataLedger(): string {
  const rows = Object.entries(recordFields).map(([name, { policy }]) => {
    const { meaning, owner, class: kind, audience } = policy;
    return `| \`${name}\` | ${meaning} | ${owner} | ${kind} | ${audience} | ${retention[policy.retention]} |`;
  });
  return [
    '# Metadata ledger',
    '',
    'Made from `zones/cdr/schema.ts`; a test fails when it is out of date (`npm run ledger` writes it again). What a zone writes about calls is',
    'this and nothing else. It is sealed for the keys of the zone’s owner ([records.md](records.md)).',
    '',
    '**Owner**: whose data it is; the zone’s owner, or the party that the call belongs to. **Class**: PII tells who somebody is, usage when and how',
    'much, security how it was protected and decided. **Audience**: who sees it in clear when records are handed on with `cdr open --party`.',
    '**Kept**: `records.retention_days`, or that of the partner whose call it is. The JSON Schema: [call-record.schema.json](call-record.schema.json).',
    '',
    '| Field | Meaning | Owner | Class | Audience | Kept |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const retention = { record: '`retention_days`' } as const;
