import { leg, openRecordsIn } from './RecordsFixture.ts';

/** A zone's process as far as its records go: writes calls until it is killed, and says each leg once it is acknowledged. */
const [dataDir = '', urlFile] = process.argv.slice(2);
const records = await openRecordsIn(dataDir, urlFile === undefined ? {} : { postgres_url_file: urlFile });
process.stdout.write('ready\n');
for (;;) {
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const who = leg('Alice');
      await records.write({ type: 'leg-start', leg: who });
      process.stdout.write(`${who.legId}\n`);
      if (Math.random() < 0.5)
        await records.write({ type: 'leg-end', legId: who.legId, cause: 'remote-hangup' });
    }),
  );
}
