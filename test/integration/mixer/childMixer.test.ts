import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createLog, type AudioCodecName } from '#kernel/index.ts';
import { ChildMixer } from '#media/mixer/index.ts';
import { ToneLeg } from '#test/support/ToneLeg.ts';
import { toneDb } from '#test/support/tones.ts';

const log = createLog('fatal');
/** Each tone is sent at -12 dB; a busy machine that sends some of it late may cost a little. */
const present = -24;

async function joined(
  mixer: ChildMixer,
  id: string,
  codec: AudioCodecName,
  toneHz?: number,
): Promise<ToneLeg> {
  const tone = toneHz === undefined ? {} : { toneHz };
  const leg = await ToneLeg.open({ id, conferenceId: 'room', codec, mixerPort: mixer.rtpPort, ...tone });
  await mixer.setLeg(leg.mixerLeg);
  return leg;
}

function restartOf(mixer: ChildMixer): Promise<void> {
  return new Promise((resolve) => mixer.on('restarted', () => resolve()));
}

test('legs of all codecs hear each other and not themselves', async () => {
  await using mixer = await ChildMixer.start({ maxTalkers: 4, log });
  await using opus = await joined(mixer, 'opus', 'opus', 440);
  await using g722 = await joined(mixer, 'g722', 'G722', 620);
  await using pcma = await joined(mixer, 'pcma', 'PCMA', 1010);
  await using pcmu = await joined(mixer, 'pcmu', 'PCMU', 1370);
  await using audience = await joined(mixer, 'audience', 'opus');
  await audience.packetsMore(50);
  const from = new Map([opus, g722, pcma, pcmu, audience].map((leg) => [leg, leg.packets.length]));
  await audience.packetsMore(50);
  const tones = new Map([
    [opus, 440],
    [g722, 620],
    [pcma, 1010],
    [pcmu, 1370],
  ]);
  for (const [listener, start] of from) {
    const heard = listener.heard(start);
    for (const [talker, hz] of tones) {
      const levelDb = toneDb(heard, listener.sampleRateHz, hz);
      if (talker === listener) expect(levelDb).toBeLessThan(-50);
      else expect(levelDb).toBeGreaterThan(present);
    }
  }
});

test('after the process was killed audio is back on the same port, further on in the same streams', async () => {
  await using mixer = await ChildMixer.start({ maxTalkers: 3, log });
  await using talker = await joined(mixer, 'talker', 'opus', 440);
  await using listener = await joined(mixer, 'listener', 'opus');
  await listener.packetsMore(30);
  const { rtpPort: port, pid } = mixer;
  const speaking: (readonly string[])[] = [];
  mixer.on('speaking', (_conferenceId, legIds) => speaking.push(legIds));
  const restarted = restartOf(mixer);
  process.kill(pid, 'SIGKILL');
  const killedMs = performance.now();
  await restarted;
  const before = listener.packets.findLast(({ atMs }) => atMs < killedMs);
  const start = listener.packets.length;
  await listener.packetsMore(30);
  const after = listener.packets[start];
  expect(mixer.rtpPort).toBe(port);
  expect(mixer.pid).not.toBe(pid);
  expect((await mixer.stats()).legs).toBe(2);
  expect(after?.ssrc).toBe(before?.ssrc);
  expect(((after?.sequence ?? 0) - (before?.sequence ?? 0)) & 0xffff).toBeLessThan(200);
  expect(((after?.timestamp ?? 0) - (before?.timestamp ?? 0)) >>> 0).toBeLessThan(200 * 960);
  expect(toneDb(listener.heard(start + 10), 48000, 440)).toBeGreaterThan(present);
  // 0.2 to 0.5 s where the machine is free for it.
  expect((after?.atMs ?? Infinity) - killedMs).toBeLessThan(5000);
  expect(talker.packets.length).toBeGreaterThan(0);
  expect(speaking).toEqual([[], ['talker']]);
});

test('a press of a key is told once, with or without its end', async () => {
  await using mixer = await ChildMixer.start({ maxTalkers: 3, log });
  await using phone = await joined(mixer, 'phone', 'PCMA');
  const digits: [string, string, number][] = [];
  const both = new Promise<void>((resolve) => {
    mixer.on('digit', (...digit) => {
      digits.push(digit);
      if (digits.length === 2) resolve();
    });
  });
  phone.press(5);
  await phone.packetsMore(5);
  phone.press(11, { withEnd: false });
  await both;
  await phone.packetsMore(20);
  expect(digits).toEqual([
    ['phone', '5', 120],
    ['phone', '#', 120],
  ]);
});

test('who speaks is told, and that nobody does any more', async () => {
  await using mixer = await ChildMixer.start({ maxTalkers: 3, log });
  await using _listener = await joined(mixer, 'listener', 'opus');
  const lists: (readonly string[])[] = [];
  const told = new Promise<void>((resolve) => {
    mixer.on('speaking', (_conferenceId, legIds) => {
      lists.push(legIds);
      if (legIds.length === 0) resolve();
    });
  });
  await using talker = await joined(mixer, 'talker', 'opus', 440);
  await talker.packetsMore(20);
  await mixer.setMuted('talker', true);
  await told;
  expect(lists).toEqual([['talker'], []]);
});

test('closing ends the process, also twice and while it is being replaced', async () => {
  const mixer = await ChildMixer.start({ maxTalkers: 3, log });
  process.kill(mixer.pid, 'SIGKILL');
  await Promise.all([mixer.close('test'), mixer.close('test')]);
  expect(() => process.kill(mixer.pid, 0)).toThrow();
  await expect(mixer.stats()).rejects.toMatchObject({ code: 'unreachable' });
});

test('the process ends with its parent', async () => {
  const { fork } = await import('node:child_process');
  const parent = fork(new URL('mixerParent.ts', import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [pid] = (await once(parent, 'message')) as [number];
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
