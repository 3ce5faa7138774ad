import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toneLevelDb } from '#test/support/hearing.ts';
import { Stage } from '#test/support/Stage.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { lastSeconds, readWav } from '#test/support/wav.ts';
import { untilColors } from './looking.ts';

const room = { room: 'boardroom', zone: 'core' } as const;
/** In SDP (RFC 3264 §8.2). */
const withoutVideo = '\nm=video 0 ';
const everybody = '@id("everybody") permit (principal, action, resource);\n';
const bySoundAlone = `@id("by-sound-alone") @audio_only("true") permit (principal, action, resource)
when { context.name == "Alice" || context.name == "Bob" };\n`;

test('whom a changed policy has by sound alone is seen no more and sees nothing, and is heard as before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zonebridge-audio-only-'));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(folder, { recursive: true }));
  const file = join(folder, 'policy.cedar');
  await writeFile(file, everybody);
  const stage = cleanup.use(
    await Stage.start([], (zone) => {
      if (zone.name === room.zone) zone.policy = { file };
    }),
  );
  const alice = await stage.visit({
    ...room,
    name: 'Alice',
    toneHz: 1010,
    video: { color: 'green', number: 1 },
  });
  const bob = await stage.phone(
    { name: 'Bob', toneHz: 440, video: { codec: 'H264', color: 'red', number: 2 } },
    room.room,
    room.zone,
  );
  const dave = await stage.visit({ ...room, name: 'Dave', toneHz: 1370 });
  await untilColors('Dave', () => dave.picture(), ['green', 'red']);
  await untilColors('Bob', () => bob.picture(), ['green']);
  expect(bob.output).not.toContain(withoutVideo);

  await writeFile(`${file}.new`, everybody + bySoundAlone);
  await rename(`${file}.new`, file);

  await untilColors('Dave', () => dave.picture(), []);
  await waitFor('the phone was offered a call without video', () => bob.output.includes(withoutVideo));
  await waitFor(
    'the page has no picture any more',
    async () => (await alice.page.locator('video').count()) === 0,
  );
  const [alices, daves] = [await alice.heard(3), await dave.heard(3)];
  for (const tone of [440, 1370])
    expect(toneLevelDb(alices, tone) - toneLevelDb(alices, 1010)).toBeGreaterThan(25);
  for (const tone of [440, 1010])
    expect(toneLevelDb(daves, tone) - toneLevelDb(daves, 1370)).toBeGreaterThan(25);
  const recording = await bob.recording();
  await bob.stop();
  const bobs = lastSeconds(await readWav(recording), 3);
  for (const tone of [1010, 1370])
    expect(toneLevelDb(bobs, tone) - toneLevelDb(bobs, 440)).toBeGreaterThan(25);
}, 120_000);
