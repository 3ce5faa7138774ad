import { expect, test } from 'vitest';
import { createLog, type VideoCodec } from '#kernel/index.ts';
import { ZoneMedia } from '#media/index.ts';
import { native } from '#media/native/index.ts';
import { legOptions, openMediaZone } from '#test/support/mediaZone.ts';
import { freePort } from '#test/support/ports.ts';
import { pcmu, TestPhone } from '#test/support/TestPhone.ts';
import { sine, toneDb } from '#test/support/tones.ts';
import { waitFor } from '#test/support/waitFor.ts';

const suite = 'AES_CM_128_HMAC_SHA1_80';
const slate = { lines: ['Room', 'Please wait'] };
const promptHz = 1730;
const video = {
  codecs: ['H264', 'VP8'],
  frameRate: 30,
  maxBitrate: 1_500_000,
  encodeBudget: 2,
  maxLoadPercent: 100,
} as const;
const h264: VideoCodec = {
  name: 'H264',
  payloadType: 103,
  parameters: { 'profile-level-id': '42e01f', 'packetization-mode': '1' },
  feedback: ['nack pli'],
};

async function openRealZone(): Promise<ZoneMedia> {
  const workerBin = process.env.MEDIASOUP_WORKER_BIN;
  if (workerBin === undefined) throw new Error('MEDIASOUP_WORKER_BIN is not set: run the tests by npm test');
  const min = 20_000 + 2 * Math.floor(Math.random() * 10_000);
  const options = {
    address: '127.0.0.1',
    ports: { min, max: min + 99 },
    webRtcPort: await freePort(),
    audioCodecs: ['PCMU'],
    maxTalkers: 3,
  } as const;
  return ZoneMedia.create(options, { log: createLog('silent'), workerBin });
}

/** Sends a tone until it is disposed of. */
function talk(phone: TestPhone, toneHz: number, csrcs: readonly number[] = []): Disposable {
  const codec = new native.G711Codec('PCMU');
  const payload = Buffer.alloc(160);
  let from = 0;
  const timer = setInterval(() => {
    codec.encode(sine(toneHz, 8000, 160, 0.25, from), payload);
    from += 160;
    phone.say(Buffer.from(payload), 0, csrcs);
  }, 20);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      codec.close();
    },
  };
}

/** Level of a tone in what the phone hears from now on. */
async function hears(phone: TestPhone, toneHz: number): Promise<number> {
  phone.take();
  await waitFor('the phone hears enough', () => phone.received.length >= 25);
  const codec = new native.G711Codec('PCMU');
  const out = new Int16Array(160);
  const heard = phone.take().flatMap(({ payload }) => {
    codec.decode(payload, 0, payload.length, out);
    return [...out];
  });
  codec.close();
  return toneDb(Int16Array.from(heard), 8000, toneHz);
}

function ssrcIn(phone: TestPhone): Promise<number> {
  return waitFor('something is heard', () => phone.received.at(-1)?.ssrc);
}

test('a phone outside of the room hears its prompt alone, its keys count, and it is in when it is let in', async () => {
  await using media = await openRealZone();
  const conference = media.conference('room');
  await using inside = await TestPhone.create({ suite, codecs: [pcmu] });
  await using waiting = await TestPhone.create({ suite, codecs: [pcmu], telephoneEventPayloadType: 101 });
  inside.connect((await conference.answer(inside.offer(), legOptions('inside'))).local);
  const leg = await conference.answer(waiting.offer(), legOptions('waiting', { held: slate }));
  waiting.connect(leg.local);
  const speaking: string[] = [];
  conference.on('speaking', (legIds) => speaking.push(...legIds));
  const digit = new Promise((resolve) => conference.on('digit', (legId, key) => resolve([legId, key])));
  using _insideTalks = talk(inside, 620);
  using _waitingTalks = talk(waiting, 440);
  await waitFor('the one inside is heard', () => speaking.includes('inside'));
  const played = leg.play(sine(promptHz, 48_000, 48_000 * 60));
  await expect.poll(() => hears(waiting, promptHz), { timeout: 5000 }).toBeGreaterThan(-24);
  expect(await hears(waiting, 620)).toBeLessThan(-50);
  expect(await hears(inside, 440)).toBeLessThan(-50);
  for (const end of [0x0a, 0x8a, 0x8a, 0x8a]) waiting.say(Buffer.from([5, end, 0, 0xa0]), 101);
  expect(await digit).toEqual(['waiting', '5']);
  await leg.stopPlaying();
  await played;
  await expect.poll(() => hears(waiting, promptHz), { timeout: 5000 }).toBeLessThan(-50);
  const ssrc = await ssrcIn(waiting);
  expect(speaking).not.toContain('waiting');

  await leg.hold(undefined);
  await expect.poll(() => hears(inside, 440), { timeout: 5000 }).toBeGreaterThan(-24);
  await expect.poll(() => hears(waiting, 620), { timeout: 5000 }).toBeGreaterThan(-24);
  await waitFor('it is told as a talker', () => speaking.includes('waiting'));
  expect(await ssrcIn(waiting)).toBe(ssrc);
});

test('how many are mixed behind a phone is seen through encryption, relay and worker', async () => {
  await using media = await openRealZone();
  const conference = media.conference('room');
  await using mixer = await TestPhone.create({ suite, codecs: [pcmu] });
  await using phone = await TestPhone.create({ suite, codecs: [pcmu] });
  const leg = await conference.answer(mixer.offer(), legOptions('mixer'));
  mixer.connect(leg.local);
  const other = await conference.answer(phone.offer(), legOptions('phone'));
  phone.connect(other.local);
  expect((await leg.stats()).contributors).toBe(0);
  using _mixerTalks = talk(mixer, 620, [1, 2, 3]);
  using _phoneTalks = talk(phone, 440);
  await expect.poll(async () => (await leg.stats()).contributors, { timeout: 5000 }).toBe(3);
  expect((await other.stats()).contributors).toBe(0);
});

test('hold, label and notice reach the mixer, and are the same after the worker died', async () => {
  await using zone = await openMediaZone({ video });
  await using phone = await TestPhone.create({ suite, codecs: [pcmu] });
  await using camera = await TestPhone.create({ suite, codecs: [] });
  const conference = zone.media.conference('room');
  const { audio } = phone.offer();
  const offer = { audio, video: { ...camera.offer().audio, codecs: [h264] } };
  const leg = await conference.answer(offer, legOptions('phone', { allowVideo: true, held: slate }));
  expect(zone.mixer.legs.get('phone')).toMatchObject({ held: true });
  expect(zone.mixer.videoLegs.get('phone')).toMatchObject({ held: slate, label: 'phone' });
  const { ssrc, port } = zone.mixer.videoLegs.get('phone')?.outbound ?? {};

  await leg.hold({ lines: ['Wrong PIN'] });
  await leg.setLabel('Somebody');
  await conference.setNotice('Soon over');
  process.kill(zone.media.workerPid ?? 0, 'SIGKILL');
  const moved = (): boolean => zone.mixer.videoLegs.get('phone')?.outbound?.port !== port;
  await waitFor('voice and video have another way', moved);
  expect(zone.mixer.legs.get('phone')).toMatchObject({ held: true });
  expect(zone.mixer.videoLegs.get('phone')).toMatchObject({
    held: { lines: ['Wrong PIN'] },
    label: 'Somebody',
  });
  expect([...zone.mixer.pictures.values()]).toMatchObject([{ notice: 'Soon over' }]);

  await leg.hold(undefined);
  await conference.setNotice(undefined);
  expect(zone.mixer.legs.get('phone')).toMatchObject({ held: false });
  expect(zone.mixer.videoLegs.get('phone')).not.toHaveProperty('held');
  expect(zone.mixer.videoLegs.get('phone')?.outbound).toMatchObject({ ssrc });
  expect([...zone.mixer.pictures.values()][0]).not.toHaveProperty('notice');
});

test('a phone that is muted too can type while it is outside, and is silent again when it is let in', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite, codecs: [pcmu] });
  const leg = await zone.media.conference('room').answer(phone.offer(), legOptions('phone', { held: slate }));
  phone.connect(leg.local);
  await leg.setMuted(true);
  using _phoneTalks = talk(phone, 440);
  await waitFor('its packets reach the mixer', () => zone.mixer.takeFrom('phone').length > 0);
  await leg.hold(undefined);
  await waitFor('nothing reaches the mixer any more', async () => {
    zone.mixer.takeFrom('phone');
    await new Promise((resolve) => setTimeout(resolve, 100));
    return zone.mixer.takeFrom('phone').length === 0;
  });
  expect(zone.mixer.legs.get('phone')).toMatchObject({ muted: true, held: false });
});

test('a prompt keeps no other request waiting, and is over when its leg goes', async () => {
  await using zone = await openMediaZone();
  await using phone = await TestPhone.create({ suite, codecs: [pcmu] });
  const leg = await zone.media.conference('room').answer(phone.offer(), legOptions('phone', { held: slate }));
  const first = leg.play(Int16Array.of(1));
  await leg.setLabel('Somebody');
  await waitFor('it plays', () => zone.mixer.playing.has('phone'));
  const second = leg.play(Int16Array.of(2));
  await first;
  expect(zone.mixer.playing.get('phone')?.samples).toEqual(Int16Array.of(2));
  await leg.close('hung up');
  await second;
  await expect(leg.play(Int16Array.of(3))).rejects.toMatchObject({ code: 'closed' });
});
