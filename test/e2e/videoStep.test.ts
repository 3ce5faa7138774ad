import { expect, test } from 'vitest';
import type { BrowserPage } from '#test/support/Chromium.ts';
import { median, watchFlashes, type FlashTimes, type FlashWatch } from '#test/support/flashes.ts';
import { Stage } from '#test/support/Stage.ts';
import { placesOf, untilSeen } from './looking.ts';

const room = { room: 'boardroom', zone: 'core' } as const;
const whole = { x: 0, y: 0, width: 1, height: 1 };
/** Chromium's jitter buffer for audio settles meanwhile. */
const settleSeconds = 6;
const seconds = 11;

test('a flash is seen when its beep is heard', async ({ annotate }) => {
  await using stage = await Stage.start();
  const video = { color: 'green', number: 1, flashes: true } as const;
  const alice = await stage.visit({ ...room, name: 'Alice', toneHz: 1010, video });
  const dave = await stage.visit({ ...room, name: 'Dave', toneHz: 1370 });
  await dave.page.getByRole('button', { name: /^Mute/ }).click();
  await untilSeen(
    'Dave',
    () => dave.picture(),
    () => placesOf(dave, { Alice: 'green' }),
  );
  const box = placesOf(dave, { Alice: 'green' })?.green ?? whole;
  const watch = ({ page }: BrowserPage, how: FlashWatch): Promise<FlashTimes> =>
    page.evaluate(watchFlashes, how);
  await watch(dave, { box, seconds: settleSeconds, direction: 'received' });
  const [sent, received] = await Promise.all([
    watch(alice, { box: whole, seconds, direction: 'sent' }),
    watch(dave, { box, seconds, direction: 'received' }),
  ]);
  const [videoMs, audioMs] = [
    median(received.video) - median(sent.video),
    median(received.audio) - median(sent.audio),
  ];
  const figures = `video ${videoMs.toFixed(0)} ms and audio ${audioMs.toFixed(0)} ms after they were sent`;
  await annotate(figures);
  expect(received.video.length, figures).toBeGreaterThan(3);
  expect(received.audio.length, figures).toBeGreaterThan(3);
  expect(Math.abs(videoMs - audioMs), figures).toBeLessThan(150);
});
