import { writeFileSync } from 'node:fs';
import { metadataLedger } from '#zones/cdr/ledger.ts';

writeFileSync(new URL('../docs/metadata-ledger.md', import.meta.url), metadataLedger());
