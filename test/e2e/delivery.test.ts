import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { toneLevelDb } from '#test/support/hearing.ts';
import { Receiver } from '#test/support/Receiver.ts';
import { Stage } from '#test/support/Stage.ts';
import { waitFor } from '#test/support/waitFor.ts';

const run = promisify(execFile);

async function zonebridge(...words: readonly string[]): Promise<string> {
  const cwd = new URL('../..', import.meta.url);
  return (await run(process.execPath, ['src/main.ts', ...words], { cwd })).stdout;
}

/** A figure of the zone, as an administrator reads it. */
async function figure(stage: Stage, name: string): Promise<number> {
  const text = await zonebridge('zone', 'metrics', 'meetme', '--data', stage.server.dataDir);
  return Number(new RegExp(`^zonebridge_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
}

test('the owner’s receiver has all that happened, though it was away while people came', async () => {
  await using receiver = await Receiver.create();
  await receiver.start();
  await using stage = await Stage.start([], (zone) => {
    if (zone.name === 'meetme') zone.records.delivery = receiver.config();
  });
  const first = await stage.phone({ toneHz: 440, name: 'First' });
  await waitFor('his coming is delivered', async () => ((await receiver.state())?.sequence ?? 0) > 0);
  await receiver.stop();
  const page = await stage.browser('Second', 1010);
  await waitFor('records wait', async () => (await figure(stage, 'records_waiting')) > 0, 20_000, 500);
  // The call does not wait for anybody who takes its records.
  await sleep(3_000);
  const heard = await page.heard(2);
  expect(toneLevelDb(heard, 440) - toneLevelDb(heard, 1010)).toBeGreaterThan(25);
  await first.stop();
  await receiver.start();
  await waitFor('nothing waits', async () => (await figure(stage, 'records_waiting')) === 0, 60_000, 500);
  expect(await figure(stage, 'records_missing_total')).toBe(0);
  await page.close();
  await stage.server.stop();

  const owner = join(stage.server.dataDir, 'owner.txt');
  await writeFile(owner, testOwnerIdentity);
  const delivered = await receiver.streamFolder();
  expect(await zonebridge('cdr', 'verify', '--export', delivered)).toMatch(/^\d+ records \(0 purged\)/);
  const [here, there] = await Promise.all([
    zonebridge('cdr', 'open', '--zone', 'meetme', '--data', stage.server.dataDir, '--identity', owner),
    zonebridge('cdr', 'open', '--export', delivered, '--identity', owner),
  ]);
  expect(there).toBe(here);
  for (const name of ['First', 'Second']) expect(there).toContain(`"display_name":"${name}"`);
}, 120_000);
