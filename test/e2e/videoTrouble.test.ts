import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ChangeConfig } from '#test/support/testConfig.ts';
import { PoorPath } from '#test/support/PoorPath.ts';
import { Stage } from '#test/support/Stage.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { processesOf } from '#test/support/zoneProcesses.ts';
import { frameRate, placesOf, untilColors, untilSeen } from './looking.ts';
import { videoFigures, zoneMetrics } from './zoneCommand.ts';

const room = { room: 'boardroom', zone: 'core' } as const;
const people = { Alice: 'green', Dave: 'yellow' } as const;
const green = { color: 'green', number: 1 } as const;
const yellow = { color: 'yellow', number: 4 } as const;
const bob = { name: 'Bob', toneHz: 440, video: { codec: 'H264', color: 'red', number: 2 } } as const;

function video(change: {
  max_load_percent?: number;
  when_full?: 'audio_only';
  encode_budget?: number;
}): ChangeConfig {
  return (zone) => {
    zone.media.video = change;
  };
}

test('after the death of the mixer and of the media worker everyone sees everyone again, in the same calls', async () => {
  await using stage = await Stage.start();
  const alice = await stage.visit({ ...room, name: 'Alice', toneHz: 1010, video: green });
  const phone = await stage.phone(bob, room.room, room.zone);
  for (const victim of ['mixer', 'worker'] as const) {
    await untilColors('Bob', () => phone.picture(), ['green']);
    process.kill((await processesOf(stage.server, room.zone))[victim].pid, 'SIGKILL');
    await sleep(1_000);
    await untilSeen(
      'Alice',
      () => alice.picture(),
      () => placesOf(alice, { Alice: 'green', Bob: 'red' }),
    );
    await untilColors('Bob', () => phone.picture(), ['green']);
  }
  expect(phone.events.some(({ type }) => type === 'CALL_CLOSED')).toBe(false);
  expect(alice.told.count('joined')).toBe(1);
});

test('10 % loss and then 300 kbit/s on one way leave the frame rate of another as it is', async ({
  annotate,
}) => {
  await using stage = await Stage.start();
  const dave = await stage.visit({ ...room, name: 'Dave', toneHz: 1370, video: yellow });
  await using path = await PoorPath.open(dave.told.mediaPort, {});
  const alice = await stage.visit({
    ...room,
    name: 'Alice',
    toneHz: 1010,
    video: green,
    mediaPort: path.port,
  });
  await untilSeen(
    'Dave',
    () => dave.picture(),
    () => placesOf(dave, people),
  );
  await untilSeen(
    'Alice',
    () => alice.picture(),
    () => placesOf(alice, people),
  );
  const before = await frameRate(dave, 4_000);
  for (const quality of [{ loss: 0.1 }, { bitsPerSecond: 300_000 }]) {
    path.quality = quality;
    await sleep(3_000);
    const [others, own] = await Promise.all([frameRate(dave, 4_000), frameRate(alice, 4_000)]);
    const figures = `${before.toFixed(1)} frames/s before, ${others.toFixed(1)} with ${JSON.stringify(quality)} elsewhere, ${own.toFixed(1)} there`;
    await annotate(figures);
    expect(others / before, figures).toBeGreaterThan(0.75);
  }
  expect(path.dropped).toBeGreaterThan(10);
  path.quality = {};
  await untilSeen(
    'Alice',
    () => alice.picture(),
    () => placesOf(alice, people),
  );
});

test('a zone without budget for more pictures has one ladder a codec, however many watch', async () => {
  await using stage = await Stage.start([], video({ encode_budget: 0 }));
  await stage.visit({ ...room, name: 'Alice', toneHz: 1010, video: green });
  await stage.phone(bob, room.room, room.zone);
  await stage.visit({ ...room, name: 'Dave', toneHz: 1370, video: yellow });
  const carol = { name: 'Carol', toneHz: 620, video: { codec: 'VP8', color: 'blue', number: 3 } } as const;
  const phone = await stage.phone(carol, room.room, room.zone);
  await untilColors('Carol', () => phone.picture(), ['green', 'red', 'yellow', 'blue']);
  const { views, ladders } = await videoFigures(stage.server, room.zone);
  expect({ views, ladders }).toEqual({ views: 1, ladders: 2 });
});

test('a call that would be too much for the mixer is refused with a reason; one without video gets in', async () => {
  await using stage = await Stage.start([], video({ max_load_percent: 1 }));
  await untilMeasured(stage);
  await stage.visit({ ...room, name: 'Alice', toneHz: 1010, video: green }).catch(() => undefined);
  const second = stage.visit({ ...room, name: 'Dave', toneHz: 1370, video: yellow });
  await expect(second).rejects.toThrow(/no room for another video call/i);
  await stage.phone({ toneHz: 440, name: 'Bob' }, room.room, room.zone);
});

test('where the zone says so, such a call joins without video', async () => {
  await using stage = await Stage.start([], video({ max_load_percent: 1, when_full: 'audio_only' }));
  await untilMeasured(stage);
  await stage.visit({ ...room, name: 'Alice', toneHz: 1010, video: green });
  const dave = await stage.visit({ ...room, name: 'Dave', toneHz: 1370, video: yellow });
  const entry = await waitFor('Dave in the roster', () =>
    dave.told.last('roster')?.participants.find(({ name }) => name === 'Dave'),
  );
  expect(entry.camera).toBe('none');
});

/** The mixer learns in its first seconds what it can do. */
async function untilMeasured({ server }: Stage): Promise<void> {
  const capacity = 'zonebridge_mixer_video_load_percent{what="capacity"}';
  await waitFor(
    'the measured capacity',
    async () => ((await zoneMetrics(server, room.zone)).get(capacity) ?? 0) > 0,
    30_000,
    500,
  );
  // The zone host is told each second.
  await sleep(1_500);
}
