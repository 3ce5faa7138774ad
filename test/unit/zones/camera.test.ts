import { expect, test } from 'vitest';
import type { MediaDirection, SessionDescription } from '#kernel/index.ts';
import { browserAnswer, CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { conferenceStage, description, videoDescription } from './ConferenceStage.ts';

function phoneOffer(direction: MediaDirection): SessionDescription {
  const { audio, video } = videoDescription;
  return video === undefined ? { audio } : { audio, video: { ...video, direction } };
}

test('a browser’s camera is off until it says that it is on', async () => {
  const { media, conference } = conferenceStage();
  const bob = new CallStandIn({ name: 'Bob', answer: browserAnswer });
  await conference.join(bob, true);
  await bob.sees('Bob');
  expect(bob.roster).toMatchObject([{ camera: 'off' }]);
  expect(media.told).toEqual(['Bob camera off']);
  bob.owner.setCamera(true);
  await bob.sees('Bob camera');
  bob.owner.setCamera(false);
  await bob.sees('Bob');
  expect(media.told.at(-1)).toBe('Bob camera off');
});

test('a phone’s camera is on while its video arrives, also when it offers again, and none without video', async () => {
  const { joined, conference } = conferenceStage();
  const watcher = await joined('Watcher', description);
  const phone = await joined('Phone', phoneOffer('sendrecv'));
  await watcher.sees('Watcher', 'Phone camera');
  expect(watcher.roster.map(({ camera }) => camera)).toEqual(['none', 'on']);
  expect(conference.use).toMatchObject({ room: 'welcome', phones: 2, browsers: 0, cameras: 1 });
  await phone.offerAgain(phoneOffer('inactive'));
  await watcher.sees('Watcher', 'Phone');
  expect(watcher.roster.map(({ camera }) => camera)).toEqual(['none', 'off']);
});

test('a call that may not have video is audio only', async () => {
  const { media, conference } = conferenceStage();
  const bob = new CallStandIn({ name: 'Bob', camera: true, answer: browserAnswer });
  await conference.join(bob, false);
  await bob.sees('Bob');
  expect(bob.roster).toMatchObject([{ camera: 'none' }]);
  expect(media.legs.map(({ options }) => options)).toMatchObject([{ label: 'Bob', allowVideo: false }]);
});

test('however often a phone asks for a key frame, the media is asked once at a time', async () => {
  const { media, joined } = conferenceStage();
  const phone = await joined('Phone', phoneOffer('sendrecv'));
  const asking = Promise.withResolvers<undefined>();
  media.keyFrames = asking.promise.then();
  for (let wish = 0; wish < 100; wish += 1) phone.owner.keyFrameWanted();
  expect(media.told).toEqual(['Phone key frame']);
  asking.resolve(undefined);
  await waitFor('another may be asked for', () => {
    phone.owner.keyFrameWanted();
    return media.told.length > 1;
  });
});

test('a key frame that cannot be had is logged and hurts nobody', async () => {
  const { media, joined, logged } = conferenceStage();
  const phone = await joined('Phone', phoneOffer('sendrecv'));
  media.keyFrames = Promise.reject(new Error('the mixer is gone'));
  phone.owner.keyFrameWanted();
  await waitFor('the log line', () => logged.includes('asking for a key frame failed'));
  expect(phone.ended).toBe(false);
});

test('a phone that the media cannot ask for a key frame is asked by signaling', async () => {
  const { media, joined } = conferenceStage();
  const [phone, other] = [await joined('Phone', phoneOffer('sendrecv')), await joined('Other')];
  media.emit('keyFrameWanted', phone.owner.participantId);
  media.emit('keyFrameWanted', 'somebody who left');
  expect([phone.keyFrameRequests, other.keyFrameRequests]).toEqual([1, 0]);
});

test('what becomes of each call is told once', async () => {
  const { conference, joined, observed, media } = conferenceStage();
  const [alice] = [await joined('Alice'), await joined('Carol')];
  alice.leave();
  const refused = new CallStandIn({ name: 'Bob', answer: () => Promise.reject(new Error('no answer')) });
  await conference.join(refused, true);
  media.making = Promise.reject(new Error('no ports'));
  await joined('Dave');
  await conference.end({ cause: 'server-stopping' });
  expect(observed).toEqual([
    'Alice admitted',
    'Carol admitted',
    'Alice ended remote-hangup',
    'Bob refused failed',
    'Dave refused failed',
    'Carol ended server-stopping',
  ]);
});

test('a room’s picture can be had, and one that there is not is not found', async () => {
  const { conference, joined } = conferenceStage();
  await joined('Alice');
  expect([...(await conference.snapshot('shared'))].slice(0, 2)).toEqual([0xff, 0xd8]);
  await expect(conference.snapshot('other')).rejects.toMatchObject({ code: 'not-found' });
});
