import { expect, test } from 'vitest';
import { audioCodecNames, createLog } from '#kernel/index.ts';
import { ChildMixer } from '#media/mixer/index.ts';
import { ToneLeg } from '#test/support/ToneLeg.ts';
import { sine, toneDb } from '#test/support/tones.ts';
import { colors } from '#test/unit/media/mixer/video/ColorSender.ts';
import { VideoLeg } from './VideoLeg.ts';

const log = createLog('fatal');
const promptHz = 1730;
const talkerHz = 620;
/** Tones are sent at -12 dB; a busy machine that sends some of it late may cost a little. */
const present = -24;
const absent = -50;

function prompt(ms: number): Int16Array {
  return sine(promptHz, 48_000, 48 * ms);
}

async function joined(mixer: ChildMixer, id: string, changes: Partial<ToneLegChanges>): Promise<ToneLeg> {
  const { codec = 'opus', toneHz, held = false } = changes;
  const tone = toneHz === undefined ? {} : { toneHz };
  const leg = await ToneLeg.open({ id, conferenceId: 'room', codec, mixerPort: mixer.rtpPort, ...tone });
  await mixer.setLeg({ ...leg.mixerLeg, held });
  return leg;
}

interface ToneLegChanges {
  readonly codec: (typeof audioCodecNames)[number];
  readonly toneHz: number;
  readonly held: boolean;
}

function hears(leg: ToneLeg, hz: number, from: number): number {
  return toneDb(leg.heard(from), leg.sampleRateHz, hz);
}

test('held legs of all codecs hear their prompts and not the room, which does not hear them', async () => {
  await using stack = new AsyncDisposableStack();
  const mixer = stack.use(await ChildMixer.start({ maxTalkers: 4, log }));
  const talker = stack.use(await joined(mixer, 'talker', { toneHz: talkerHz }));
  const waiting: ToneLeg[] = [];
  for (const codec of audioCodecNames)
    waiting.push(stack.use(await joined(mixer, codec, { codec, toneHz: 440, held: true })));
  const playing = await Promise.all(audioCodecNames.map((codec) => mixer.play(codec, prompt(1500))));
  const from = new Map([talker, ...waiting].map((leg) => [leg, leg.packets.length + 10]));
  await talker.packetsMore(60);
  const [first] = waiting;
  await mixer.setHeld('opus', false);
  const after = talker.packets.length + 10;
  for (const leg of waiting) {
    const start = from.get(leg) ?? 0;
    const heard = leg.heard(start).subarray(0, (leg.sampleRateHz / 50) * 40);
    expect(toneDb(heard, leg.sampleRateHz, promptHz)).toBeGreaterThan(present);
    expect(toneDb(heard, leg.sampleRateHz, talkerHz)).toBeLessThan(absent);
  }
  expect(toneDb(talker.heard(from.get(talker)).subarray(0, 960 * 40), 48_000, 440)).toBeLessThan(absent);
  await Promise.all(playing.map(({ ended }) => ended));
  await talker.packetsMore(40);
  expect(hears(talker, 440, after)).toBeGreaterThan(present);
  expect(new Set(first?.packets.map(({ ssrc }) => ssrc)).size).toBe(1);
});

test('a prompt ends with the process that plays it, and who was held is so in the next one', async () => {
  await using mixer = await ChildMixer.start({ maxTalkers: 3, videoThreads: 1, log });
  await using _talker = await joined(mixer, 'talker', { toneHz: talkerHz });
  await using waiting = await joined(mixer, 'waiting', { held: true });
  const [port = 0] = mixer.videoPorts;
  await mixer.setPicture({
    conferenceId: 'room',
    thread: 0,
    layout: 'auto',
    pinned: [],
    notice: 'Soon over',
    welcome: [],
    frameRate: 30,
    maxBitrate: 1_000_000,
    encodeBudget: 2,
  });
  await using one = await VideoLeg.open('one', 1, colors.red, port);
  await using two = await VideoLeg.open('two', 2, colors.green, port);
  await using held = await VideoLeg.open('held', 3, colors.blue, port);
  for (const leg of [one, two]) await mixer.setVideoLeg(leg.config);
  await mixer.setVideoLeg({ ...held.config, held: { lines: ['Waiting'] } });
  const long = prompt(60_000);
  const { ended } = await mixer.play('waiting', long);
  const restarted = new Promise<void>((resolve) => mixer.on('restarted', () => resolve()));
  process.kill(mixer.pid, 'SIGKILL');
  await ended;
  await restarted;
  const from = waiting.packets.length + 10;
  await waiting.packetsMore(40);
  expect(hears(waiting, talkerHz, from)).toBeLessThan(absent);
  expect(hears(waiting, promptHz, from)).toBeLessThan(absent);
  const again = await mixer.play('waiting', long);
  const fromAgain = waiting.packets.length + 10;
  await waiting.packetsMore(40);
  expect(hears(waiting, promptHz, fromAgain)).toBeGreaterThan(present);
  await mixer.stopPlaying('waiting');
  await again.ended;
  await held.framesMore(1);
  await expect.poll(() => one.viewer.seen(), { timeout: 5000 }).toEqual(['green']);
  expect(held.viewer.seen()).toEqual([]);
});

test('a prompt ends with its leg and with the mixer, and none begins for a leg that is not there', async () => {
  const mixer = await ChildMixer.start({ maxTalkers: 3, videoThreads: 0, log });
  await using _gone = await joined(mixer, 'gone', {});
  await using _other = await joined(mixer, 'other', {});
  const [gone, other] = await Promise.all(['gone', 'other'].map((id) => mixer.play(id, prompt(60_000))));
  await mixer.removeLeg('gone');
  await gone?.ended;
  await expect(mixer.play('gone', prompt(20))).rejects.toMatchObject({ code: 'not-found' });
  await mixer.close('test over');
  await other?.ended;
});
