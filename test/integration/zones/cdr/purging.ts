import { purgeRecords } from '#zones/cdr/index.ts';

/** Purges one day. */
const [dataDir = '', day = ''] = process.argv.slice(2);
await purgeRecords(dataDir, day);
