import { expect, test } from 'vitest';
import { createLog, type Stage } from '#kernel/index.ts';
import type { MixerPicture, VideoLoad } from '#media/mixer/contract.ts';
import { ChildMixer } from '#media/mixer/index.ts';
import { colors, type Color } from '#test/unit/media/mixer/video/ColorSender.ts';
import { VideoLeg } from './VideoLeg.ts';

const log = createLog('fatal');
const options = { maxTalkers: 3, videoThreads: 2, log };
const { red, green } = colors;
const picture: MixerPicture = {
  conferenceId: 'room',
  thread: 1,
  layout: 'auto',
  pinned: [],
  welcome: ['Room'],
  frameRate: 30,
  maxBitrate: 1_000_000,
  encodeBudget: 4,
};
const seenInTime = { timeout: 15_000, interval: 100 };

async function joined(mixer: ChildMixer, id: string, number: number, color: Color): Promise<VideoLeg> {
  const leg = await VideoLeg.open(id, number, color, mixer.videoPorts[picture.thread] ?? 0);
  await mixer.setVideoLeg(leg.config);
  return leg;
}

test('phones see each other and not themselves, and the room is told what they see', async () => {
  await using mixer = await ChildMixer.start(options);
  const stages: Stage[] = [];
  const wanted = new Map<string, number>();
  mixer.on('stage', (_conferenceId, stage) => stages.push(stage));
  mixer.on('wanted', (legId, _source, height) => wanted.set(legId, height));
  await mixer.setPicture(picture);
  await using one = await joined(mixer, 'one', 1, red);
  await using two = await joined(mixer, 'two', 2, green);
  await expect.poll(() => one.viewer.seen(), seenInTime).toEqual(['green']);
  await expect.poll(() => two.viewer.seen(), seenInTime).toEqual(['red']);
  expect(stages.at(-1)?.tiles.map(({ legId }) => legId)).toEqual(['one', 'two']);
  expect([...wanted.values()].every((height) => height > 0)).toBe(true);
  const { video } = await mixer.stats();
  expect(video).toMatchObject({ views: 2, ladders: 2, encoders: { VP8: 0, H264: 2 }, decoders: 2 });
  const jpeg = await mixer.snapshot('room', 'one');
  expect([...jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  await mixer.requestKeyFrame('one');
  await mixer.removeVideoLeg('two');
  await expect.poll(() => one.viewer.seen(), seenInTime).toEqual([]);
  await mixer.removePicture('room');
  expect((await mixer.stats()).video).toMatchObject({ views: 0, decoders: 0 });
});

test('after the process was killed pictures are back on the same ports, further on in the same streams', async () => {
  await using mixer = await ChildMixer.start(options);
  await mixer.setPicture(picture);
  await using one = await joined(mixer, 'one', 1, red);
  await using two = await joined(mixer, 'two', 2, green);
  await expect.poll(() => one.viewer.seen(), seenInTime).toEqual(['green']);
  const { rtpPort, pid } = mixer;
  const ports = [...mixer.videoPorts];
  const restarted = new Promise<void>((resolve) => mixer.on('restarted', () => resolve()));
  process.kill(pid, 'SIGKILL');
  await restarted;
  const { sequences, timestamps } = one.viewer;
  const [sequence = 0, timestamp = 0, frames] = [sequences.at(-1), timestamps.at(-1), timestamps.length];
  await one.framesMore(10);
  expect(mixer.pid).not.toBe(pid);
  expect([mixer.rtpPort, ...mixer.videoPorts]).toEqual([rtpPort, ...ports]);
  const ahead = ((sequences.at(-1) ?? 0) - sequence) & 0xffff;
  expect(ahead).toBeGreaterThan(0);
  expect(ahead).toBeLessThan(0x8000);
  expect(((timestamps[frames] ?? 0) - timestamp) >>> 0).toBeLessThan(90 * 15_000);
  await expect.poll(() => one.viewer.seen(), seenInTime).toEqual(['green']);
  await expect.poll(() => two.viewer.seen(), seenInTime).toEqual(['red']);
});

test('what the mixer can do is told soon after the start', async () => {
  await using mixer = await ChildMixer.start(options);
  const load = await new Promise<VideoLoad>((resolve) => {
    mixer.on('load', (told) => {
      if (told.capacityPercent > 0) resolve(told);
    });
  });
  expect(load.perViewPercent).toBeGreaterThan(load.perCameraPercent);
  expect(load.plannedPercent).toBe(0);
});

test('a thread that is not there, another one than before, and legs without a picture are refused', async () => {
  await using mixer = await ChildMixer.start(options);
  await expect(mixer.setPicture({ ...picture, thread: 2 })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  await mixer.setPicture(picture);
  await expect(mixer.setPicture({ ...picture, thread: 0 })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  await using leg = await VideoLeg.open('leg', 1, red, mixer.videoPorts[0] ?? 0);
  const elsewhere = { ...leg.config, conferenceId: 'elsewhere' };
  await expect(mixer.setVideoLeg(elsewhere)).rejects.toMatchObject({ code: 'not-found' });
  await expect(mixer.setDemand('none', [true])).rejects.toMatchObject({ code: 'not-found' });
  await expect(mixer.snapshot('room', 'none')).rejects.toMatchObject({ code: 'not-found' });
  await mixer.removeVideoLeg('none');
  await mixer.removeLadder('none');
  await mixer.removePicture('none');
});

test('a mixer without video threads is one for voices alone', async () => {
  await using mixer = await ChildMixer.start({ ...options, videoThreads: 0 });
  expect(mixer.videoPorts).toEqual([]);
  expect((await mixer.stats()).video).toMatchObject({ views: 0 });
});
