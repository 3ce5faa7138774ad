import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { toneLevelDb } from '#test/support/hearing.ts';
import { Stage } from '#test/support/Stage.ts';
import { lastSeconds, readWav } from '#test/support/wav.ts';
import { openRecords, verifyRecords } from '#zones/cdr/index.ts';

const run = promisify(execFile);

/** The command line on a running server. */
async function zonebridge(stage: Stage, ...words: readonly string[]): Promise<string> {
  const cwd = new URL('../..', import.meta.url);
  const { stdout } = await run(process.execPath, ['src/main.ts', ...words, '--data', stage.server.dataDir], {
    cwd,
  });
  return stdout;
}

test('a core zone dials into a meetme zone: both sides hear each other, and neither has what the other is not shown', async () => {
  await using stage = await Stage.start();
  const phone = await stage.phone({ toneHz: 440, name: 'Corephone' }, 'boardroom', 'core');
  const partner = await stage.browser('Partnerpage', 1010, 'welcome', 'meetme');
  expect(await zonebridge(stage, 'zone', 'dial', 'core', 'boardroom', 'sips:welcome@meetme.localhost')).toBe(
    'welcome@meetme.localhost is in the room\n',
  );
  await sleep(6_000);
  const heard = await partner.heard(3);
  expect(toneLevelDb(heard, 440) - toneLevelDb(heard, 1010)).toBeGreaterThan(30);
  await partner.page.getByRole('button', { name: /people/i }).click();
  const shown = await partner.page.content();
  expect(shown).toContain('Partnerpage');
  expect(shown).not.toContain('Corephone');
  const recording = await phone.recording();
  await phone.stop();
  const heardByPhone = lastSeconds(await readWav(recording), 3);
  expect(toneLevelDb(heardByPhone, 1010) - toneLevelDb(heardByPhone, 440)).toBeGreaterThan(30);
  await stage.server.stop();
  const { dataDir } = stage.server;
  const owner = await readFile(join(dataDir, 'owner-key.txt'), 'utf8');
  const recordsOf = async (zone: string): Promise<string> =>
    JSON.stringify(await openRecords(join(dataDir, 'zones', zone), owner));
  const [core, meetme] = [await recordsOf('core'), await recordsOf('meetme')];
  expect(core).toContain('Corephone');
  expect(core).not.toContain('Partnerpage');
  expect(meetme).toContain('Partnerpage');
  expect(meetme).not.toContain('Corephone');
  for (const zone of ['core', 'meetme']) {
    expect((await verifyRecords(join(dataDir, 'zones', zone))).faults).toEqual([]);
  }
  expect(stage.server.log).not.toMatch(/Corephone|Partnerpage/);
});

test('a zone calls nobody whom its configuration does not name', async () => {
  await using stage = await Stage.start();
  expect(
    await zonebridge(stage, 'zone', 'dial', 'meetme', 'welcome', 'sips:boardroom@core.localhost'),
  ).toMatch(/^This zone does not call core\.localhost\./);
});
