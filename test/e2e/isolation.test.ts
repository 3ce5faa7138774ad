import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { levels, presence } from '#test/support/hearing.ts';
import { RtpPhone } from '#test/support/RtpPhone.ts';
import { Stage } from '#test/support/Stage.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { lastSeconds, readWav } from '#test/support/wav.ts';
import { processesOf } from '#test/support/zoneProcesses.ts';

test('killing the mixer, the media worker and the host of one zone leaves no gap in the other zone', async () => {
  await using stage = await Stage.start();
  const { server } = stage;
  const call = { caFile: server.ready.ca, toneHz: 440 };
  await using inCore = await RtpPhone.call({ ...call, uri: server.sip('core', 'boardroom') });
  await using inMeetme = await RtpPhone.call({ ...call, uri: server.sip('meetme', 'welcome') });
  await waitFor(
    'media in both zones',
    () => inCore.arrivalsMs.length > 20 && inMeetme.arrivalsMs.length > 20,
  );
  for (const victim of ['mixer', 'worker', 'host'] as const) {
    const since = Date.now();
    process.kill((await processesOf(server, 'core'))[victim].pid, 'SIGKILL');
    await sleep(3_000);
    expect(inMeetme.longestGapMs(since), `after the ${victim} of core was killed`).toBeLessThan(100);
  }
});

test('after the mixer’s death audio is back within 2 s and the phone’s call goes on', async () => {
  await using stage = await Stage.start();
  const { server } = stage;
  const call = { caFile: server.ready.ca, uri: server.sip('core', 'boardroom') };
  await using talker = await RtpPhone.call({ ...call, toneHz: 440 });
  const listener = await stage.phone({ toneHz: 1010 }, 'boardroom', 'core');
  await waitFor('media', () => talker.arrivalsMs.length > 50);
  const killed = Date.now();
  process.kill((await processesOf(server, 'core')).mixer.pid, 'SIGKILL');
  await sleep(500);
  await waitFor('media after the death', () => (talker.arrivalsMs.at(-1) ?? 0) > killed + 500, 2_000);
  expect(talker.longestGapMs(killed)).toBeLessThan(2_000);
  await sleep(4_000);
  expect(listener.events.some(({ type }) => type === 'CALL_CLOSED')).toBe(false);
  const recording = await listener.recording();
  await listener.stop();
  const heard = lastSeconds(await readWav(recording), 2);
  expect(presence(heard, 440, -35), JSON.stringify(levels(heard, [440, 1010]))).toBeGreaterThan(0.9);
});

test('after the media worker’s death a phone and a browser hear each other again', async () => {
  await using stage = await Stage.start();
  const phone = await stage.phone({ toneHz: 440 }, 'boardroom', 'core');
  const browser = await stage.browser('Alice', 1010, 'boardroom', 'core');
  process.kill((await processesOf(stage.server, 'core')).worker.pid, 'SIGKILL');
  await waitFor(
    'the phone in the browser',
    async () => presence(await browser.heard(2), 440, -35) > 0.9,
    15_000,
    500,
  );
  await sleep(3_000);
  const recording = await phone.recording();
  await phone.stop();
  const heard = lastSeconds(await readWav(recording), 2);
  expect(presence(heard, 1010, -35), JSON.stringify(levels(heard, [440, 1010]))).toBeGreaterThan(0.9);
});

test('10 % loss and 40 ms jitter on one leg: it stays intelligible, and the others have no gap', async () => {
  await using stage = await Stage.start();
  const { server } = stage;
  const call = { caFile: server.ready.ca, uri: server.sip('meetme', 'welcome') };
  await using lossy = await RtpPhone.call({ ...call, toneHz: 440, loss: 0.1, jitterMs: 40 });
  await using clean = await RtpPhone.call({ ...call, toneHz: 620 });
  const listener = await stage.phone({ toneHz: 1010 });
  await waitFor('media', () => lossy.arrivalsMs.length > 50);
  await sleep(8_000);
  const since = Date.now() - 6_000;
  expect(clean.longestGapMs(since)).toBeLessThan(100);
  const recording = await listener.recording();
  await listener.stop();
  const heard = lastSeconds(await readWav(recording), 6);
  const shown = JSON.stringify(levels(heard, [440, 620, 1010]));
  expect(presence(heard, 440, -35), `the lossy leg in ${shown}`).toBeGreaterThan(0.95);
  expect(presence(heard, 620, -35), `the clean leg in ${shown}`).toBeGreaterThan(0.98);
});
