import { expect, test } from 'vitest';
import type { SessionDescription, VideoDescription } from '#kernel/index.ts';
import type { VideoLoad } from '#media/mixer/contract.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { browserAnswer, CallStandIn } from './CallStandIn.ts';
import { ZoneFixture } from './ZoneFixture.ts';

const light: VideoLoad = {
  ...{ capacityPercent: 100, plannedPercent: 10, perCameraPercent: 5, perViewPercent: 20, lateFraction: 0 },
};
const heavy: VideoLoad = { ...light, plannedPercent: 68 };

/** The same phone with a camera, on the next port. */
function withVideo({ audio }: SessionDescription): SessionDescription {
  const { telephoneEvent: _, ptimeMs: __, ...section } = audio;
  const video: VideoDescription = {
    ...section,
    port: audio.port + 2,
    codecs: [{ name: 'VP8', payloadType: 97, parameters: {}, feedback: ['nack pli'] }],
  };
  return { audio, video };
}

async function videoPhone(zone: ZoneFixture, name: string): Promise<CallStandIn> {
  const { offer } = await zone.phone(name);
  if (offer === undefined) throw new Error('the phone offers nothing');
  return new CallStandIn({ name, offer: withVideo(offer) });
}

test('people are on the picture under their names, and who is alone reads where he is and how others come in', async () => {
  await using zone = await ZoneFixture.open({ video: true });
  const bob = await zone.browser('Bob', { camera: true });
  const alice = await videoPhone(zone, 'Alice');
  await zone.reception.take(alice);
  await bob.sees('Alice camera', 'Bob camera');
  await waitFor('both are on the picture', () => zone.mixer.videoLegs.size === 2);
  const people = [...zone.mixer.videoLegs.values()].map(({ label, kind }) => `${label} by ${kind}`);
  expect(people.sort()).toEqual(['Alice by phone', 'Bob by browser']);
  expect([...zone.mixer.pictures.values()]).toMatchObject([
    {
      layout: 'auto',
      welcome: [
        'Welcome room',
        'Zone meetme',
        'Open https://meetme.localhost:8443/welcome',
        'Dial sip:welcome@127.0.0.1',
      ],
    },
  ]);
});

test('what the mixer shows is shown to browsers, and a host’s wishes reach the mixer', async () => {
  await using zone = await ZoneFixture.open({ video: true });
  const bob = await zone.browser('Bob', { camera: true });
  const [picture] = await waitFor('a picture', () => {
    const pictures = [...zone.mixer.pictures.values()];
    return pictures.length > 0 && pictures;
  });
  const { participantId } = bob.owner;
  const stage = {
    layout: 'auto' as const,
    tiles: [
      {
        ...{ legId: participantId, source: 'camera' as const, fit: 'cover' as const },
        ...{ x: 0, y: 0, width: 1, height: 1 },
      },
    ],
  };
  zone.mixer.tell('stage', picture?.conferenceId ?? '', stage);
  expect(bob.stages).toEqual([stage]);
  bob.owner.setLayout('1:7');
  bob.owner.setSpotlight(participantId);
  bob.owner.setPinned(participantId, true);
  await waitFor('the mixer is told', () => {
    const [now] = [...zone.mixer.pictures.values()];
    return now?.layout === '1:7' && now.spotlight === participantId && now.pinned.includes(participantId);
  });
});

test('a video call that would be too much is refused at once; one without video is not', async () => {
  await using zone = await ZoneFixture.open({ video: true });
  zone.mixer.tell('load', light);
  await zone.browser('Bob');
  zone.mixer.tell('load', heavy);
  const [phone, browser] = [
    await videoPhone(zone, 'Alice'),
    new CallStandIn({ name: 'Carol', answer: browserAnswer }),
  ];
  await zone.reception.take(phone);
  await zone.reception.take(browser);
  expect([...phone.told, ...browser.told]).toEqual(['refused no-capacity', 'refused no-capacity']);
  await zone.joined('Dave');
  zone.mixer.tell('load', light);
  const later = await videoPhone(zone, 'Alice');
  await zone.reception.take(later);
  expect(later.ended).toBe(false);
});

test('where the zone says so, a video call that would be too much is audio only', async () => {
  await using zone = await ZoneFixture.open({ video: true, whenVideoFull: 'audio_only' });
  zone.mixer.tell('load', heavy);
  const browser = await zone.browser('Bob', { camera: true });
  const phone = await videoPhone(zone, 'Alice');
  await zone.reception.take(phone);
  await browser.sees('Alice', 'Bob');
  expect(browser.roster.map(({ camera }) => camera)).toEqual(['none', 'none']);
  // They are on the picture by name, for those who see it.
  const legs = [...zone.mixer.videoLegs.values()];
  expect(legs.map(({ camera, outbound }) => [camera, outbound])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
  ]);
  expect(browser.offers[0]?.video).toBeUndefined();
});

test('in a zone without video, nobody has any', async () => {
  await using zone = await ZoneFixture.open();
  const phone = await videoPhone(zone, 'Alice');
  await zone.reception.take(phone);
  const browser = await zone.browser('Bob', { camera: true });
  await browser.sees('Alice', 'Bob');
  expect(zone.mixer.videoLegs.size).toBe(0);
});

test('when all have gone, nothing of the picture is left', async () => {
  await using zone = await ZoneFixture.open({ video: true });
  const bob = await zone.browser('Bob', { camera: true });
  const alice = await videoPhone(zone, 'Alice');
  await zone.reception.take(alice);
  bob.owner.setSharing(true);
  await bob.sees('Alice camera', 'Bob camera sharing');
  expect(zone.reception.use).toMatchObject([{ room: 'welcome', browsers: 1, phones: 1, sharing: true }]);
  bob.leave();
  alice.leave();
  await zone.isEmpty();
  await waitFor('the picture is gone', () => zone.mixer.pictures.size === 0);
  expect([zone.mixer.videoLegs.size, zone.mixer.ladders.size]).toEqual([0, 0]);
  expect(zone.reception.use).toEqual([]);
  expect(zone.troubles).toEqual([]);
});

test('a picture of a room that nobody is in is not found', async () => {
  await using zone = await ZoneFixture.open({ video: true });
  await expect(zone.reception.snapshot('welcome', 'shared')).rejects.toMatchObject({ code: 'not-found' });
  await zone.browser('Bob', { camera: true });
  expect((await zone.reception.snapshot('welcome', 'shared')).length).toBeGreaterThan(0);
});
