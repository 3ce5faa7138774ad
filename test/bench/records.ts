import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leg, RecordsFixture } from '#test/integration/zones/cdr/RecordsFixture.ts';
import { Postgres } from '#test/support/Postgres.ts';
import { quantile } from './quantile.ts';
import { row } from './table.ts';

const writes = 2000;
/** As a sealed record is. */
const probeBytes = 1400;
/** Between two bursts, so that the disk is measured and not a queue. */
const restMs = 5;

/** How long a caller waits until the record of him is on disk, beside a bare append and sync of as many bytes there. */
export async function benchRecords(print: (line: string) => void): Promise<void> {
  print('a record, sealed and durable, ms (bar: p99 under 20)');
  print(row('at once', 'p50', 'p99', 'most', 'held up'));
  print(row('bare sync', ...(await bareSyncs())));
  for (const atOnce of [1, 10, 60]) {
    await using fixture = await RecordsFixture.open();
    print(row(atOnce, ...(await bursts(fixture, atOnce))));
  }
  await using postgres = await Postgres.start();
  for (const atOnce of [1, 10, 60]) {
    await using fixture = await RecordsFixture.open({
      postgres_url_file: (await postgres.database()).urlFile,
    });
    print(row(`PostgreSQL ${atOnce}`, ...(await bursts(fixture, atOnce))));
  }
}

async function bursts(fixture: RecordsFixture, atOnce: number): Promise<readonly string[]> {
  await burst(fixture, atOnce);
  const tookMs: number[] = [];
  let heldUpMs = 0;
  let expectedMs = performance.now();
  const ticks = setInterval(() => {
    heldUpMs = Math.max(heldUpMs, performance.now() - expectedMs - 1);
    expectedMs = performance.now();
  }, 1);
  for (let done = 0; done < writes; done += atOnce) {
    tookMs.push(...(await burst(fixture, atOnce)));
    await sleep(restMs);
  }
  clearInterval(ticks);
  return [...figures(tookMs), heldUpMs.toFixed(1)];
}

/** How long each waited, in milliseconds. */
function burst({ records }: RecordsFixture, atOnce: number): Promise<readonly number[]> {
  return Promise.all(
    Array.from({ length: atOnce }, async () => {
      const startedMs = performance.now();
      await records.write({ type: 'leg-start', leg: leg('Alice') });
      return performance.now() - startedMs;
    }),
  );
}

async function bareSyncs(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'zonebridge-bench-'));
  const file = await open(join(folder, 'probe'), 'a');
  const tookMs: number[] = [];
  try {
    for (let done = 0; done < writes; done += 1) {
      const startedMs = performance.now();
      await file.write(randomBytes(probeBytes));
      await file.datasync();
      tookMs.push(performance.now() - startedMs);
      await sleep(restMs);
    }
  } finally {
    await file.close();
    await rm(folder, { recursive: true });
  }
  return figures(tookMs);
}

function figures(tookMs: readonly number[]): readonly string[] {
  return [quantile(tookMs, 0.5), quantile(tookMs, 0.99), Math.max(...tookMs)].map((ms) => ms.toFixed(1));
}
