import { legOptions } from '#test/support/mediaZone.ts';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '#kernel/index.ts';
import { ZoneMedia } from '#media/index.ts';
import { freePort } from '#test/support/ports.ts';
import { pcmu, TestPhone } from '#test/support/TestPhone.ts';
import { waitFor } from '#test/support/waitFor.ts';

const suite = 'AES_CM_128_HMAC_SHA1_80';
/** 20 ms of a loud square wave of 400 Hz in PCMU, and of silence. */
const tone = Buffer.from(Array.from({ length: 160 }, (_, sample) => (sample % 20 < 10 ? 0x10 : 0x90)));

test('through the real mixer each phone hears the other and not itself, and a digit is told', async () => {
  const workerBin = process.env.MEDIASOUP_WORKER_BIN;
  if (workerBin === undefined) throw new Error('MEDIASOUP_WORKER_BIN is not set: run the tests by npm test');
  await using media = await ZoneMedia.create(
    {
      address: '127.0.0.1',
      ports: { min: 34_000, max: 34_099 },
      webRtcPort: await freePort(),
      audioCodecs: ['PCMU'],
      maxTalkers: 3,
    },
    { log: createLog('silent'), workerBin },
  );
  const conference = media.conference('room');
  await using talker = await TestPhone.create({ suite, codecs: [pcmu], telephoneEventPayloadType: 101 });
  await using listener = await TestPhone.create({ suite, codecs: [pcmu] });
  talker.connect((await conference.answer(talker.offer(), legOptions('talker'))).local);
  listener.connect((await conference.answer(listener.offer(), legOptions('listener'))).local);
  const speaking = new Promise<readonly string[]>((resolve) =>
    conference.on('speaking', (legIds) => {
      if (legIds.length > 0) resolve(legIds);
    }),
  );
  const digit = new Promise((resolve) => conference.on('digit', (legId, key) => resolve([legId, key])));
  const talking = setInterval(() => talker.say(tone), 20);
  onTestFinished(() => clearInterval(talking));
  await waitFor('the listener hears the tone', () => listener.take().some(isLoud));
  expect(await speaking).toEqual(['talker']);
  expect(talker.take().some(isLoud)).toBe(false);
  clearInterval(talking);
  for (const end of [0x0a, 0x0a, 0x8a, 0x8a, 0x8a]) talker.say(Buffer.from([5, end, 0, 0xa0]), 101);
  expect(await digit).toEqual(['talker', '5']);
});

/** PCMU: the magnitude is inverted, so quiet samples are near 0xff and 0x7f. */
function isLoud({ payload }: { payload: Buffer }): boolean {
  return payload.length > 0 && payload.every((sample) => (~sample & 0x7f) > 0x40);
}
