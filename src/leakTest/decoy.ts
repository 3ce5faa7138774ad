import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Ipc, createLog, parentPort } from '#kernel/index.ts';
import { adminSocketPath } from '#zones/index.ts';
import type { DecoyRequest } from './control.ts';

/** The leak test's control: leaks in every way, so that the search can be seen to find it. */
const ipc = new Ipc(parentPort(), { leak });
const held: string[] = [];
const api = createServer((_request, response) => response.end(`metric{name="${held[0] ?? ''}"} 1\n`));
process.title = 'zonebridge-decoy';
process.once('disconnect', () => {
  ipc.close();
  api.close();
});

async function leak({ log, file, metrics, memory, dataDir }: DecoyRequest): Promise<null> {
  held.push(metrics, memory);
  createLog('info').info({ name: log }, 'leaked on purpose');
  await writeFile(join(dataDir, 'base64.txt'), Buffer.from(`name=${file}`).toString('base64'));
  await new Promise<void>((resolve) => api.listen(adminSocketPath(join(dataDir, 'zones', 'decoy')), resolve));
  return null;
}
