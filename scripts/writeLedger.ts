import { writeFileSync } from 'node:fs';
import { recordJsonSchema } from '#zones/cdr/jsonSchema.ts';
import { metadataLedger } from '#zones/cdr/ledger.ts';

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('metadata-ledger.md', docs), metadataLedger());
writeFileSync(
  new URL('call-record.schema.json', docs),
  `${JSON.stringify(recordJsonSchema(), undefined, 2)}\n`,
);
