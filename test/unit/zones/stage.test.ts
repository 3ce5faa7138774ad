import { expect, test } from 'vitest';
import type { Stage } from '#kernel/index.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { tellIntervalMs } from '#zones/tellIntervalMs.ts';
import { conferenceStage, videoDescription } from './ConferenceStage.ts';

function stage(layout: Stage['layout'], ...legIds: readonly string[]): Stage {
  const tiles = legIds.map((legId, index) => ({
    ...{ legId, source: 'camera' as const, fit: 'cover' as const },
    ...{ x: index / legIds.length, y: 0, width: 1 / legIds.length, height: 1 },
  }));
  return { layout, tiles };
}

test('browsers are shown the stage, at once when they come late, and phones are not', async () => {
  const { media, browser, joined } = conferenceStage();
  const [alice, phone] = [await browser('Alice'), await joined('Phone')];
  const first = stage('auto', alice.owner.participantId);
  media.emit('stage', first);
  expect(alice.stages).toEqual([first]);
  const late = await browser('Late');
  expect(late.stages).toEqual([first]);
  expect(phone.stages).toEqual([]);
});

test('stages that come close together are shown together, the last one in the end', async () => {
  const { media, browser } = conferenceStage();
  const alice = await browser('Alice');
  const names = Array.from({ length: 50 }, (_, index) => `leg ${index}`);
  for (const name of names) media.emit('stage', stage('auto', name));
  await waitFor('the last stage', () => alice.stages.at(-1)?.tiles[0]?.legId === names.at(-1));
  expect(alice.stages).toHaveLength(2);
});

test('nothing is shown after the conference closed', async () => {
  const { media, conference, browser } = conferenceStage();
  const alice = await browser('Alice');
  for (const layout of ['auto', '1:7'] as const) media.emit('stage', stage(layout));
  await conference.close('test');
  await new Promise((resolve) => setTimeout(resolve, 2 * tellIntervalMs(1)));
  expect(alice.stages).toHaveLength(1);
});

test('a host chooses the layout, spotlights and pins, and all see it in the roster', async () => {
  const { media, browser, conference } = conferenceStage();
  const [alice, bob] = [await browser('Alice'), await browser('Bob')];
  expect(alice.owner.isHost).toBe(true);
  alice.owner.setLayout('1:7');
  alice.owner.setSpotlight(bob.owner.participantId);
  alice.owner.setPinned(bob.owner.participantId, true);
  alice.owner.setPinned(alice.owner.participantId, true);
  await bob.sees('Alice camera pinned', 'Bob camera pinned spotlight');
  expect(conference.use.layout).toBe('1:7');
  alice.owner.setPinned(bob.owner.participantId, false);
  alice.owner.setSpotlight(undefined);
  await bob.sees('Alice camera pinned', 'Bob camera');
  const picture = media.told.filter((line) => /^(layout|spotlight|pinned)/.test(line));
  expect(picture.filter((line) => line.startsWith('pinned')).at(-1)).toBe('pinned Alice');
  expect(picture).toEqual(
    expect.arrayContaining(['layout 1:7', 'spotlight Bob', 'spotlight nobody', 'pinned Bob']),
  );
});

test('a phone is no host, and nobody is where the room says so', async () => {
  const { media, joined } = conferenceStage();
  const phone = await joined('Phone');
  const { media: other, browser } = conferenceStage({ hosts: 'nobody' });
  const alice = await browser('Alice');
  for (const { owner } of [phone, alice]) {
    expect(owner.isHost).toBe(false);
    owner.setLayout('1:7');
    owner.setSpotlight(owner.participantId);
    owner.setPinned(owner.participantId, true);
  }
  expect([...media.told, ...other.told]).toEqual(['Alice camera off', 'Alice camera on']);
});

test('somebody who is not here cannot be pinned or spotlighted', async () => {
  const { media, browser } = conferenceStage();
  const alice = await browser('Alice');
  const before = [...media.told];
  alice.owner.setPinned('somebody who left', true);
  alice.owner.setSpotlight('somebody who left');
  alice.owner.setPinned(alice.owner.participantId, false);
  expect(media.told).toEqual(before);
});

test('of who leaves, no pin, spotlight or share is kept', async () => {
  const { media, browser } = conferenceStage();
  const [alice, bob] = [await browser('Alice'), await browser('Bob')];
  bob.owner.setSharing(true);
  bob.owner.setSpotlight(bob.owner.participantId);
  bob.owner.setPinned(bob.owner.participantId, true);
  await alice.sees('Alice camera', 'Bob camera sharing pinned spotlight');
  bob.leave();
  await alice.sees('Alice camera');
  await waitFor('the picture follows', () => media.told.includes('spotlight nobody'));
  expect(media.told).toContain('pinned');
  alice.owner.setSharing(true);
  await alice.sees('Alice camera sharing');
});

test('who begins to share takes over: the one before is told, and stops before the other starts', async () => {
  const { media, browser, conference } = conferenceStage();
  const [alice, bob] = [await browser('Alice'), await browser('Bob')];
  alice.owner.setSharing(true);
  await bob.sees('Alice camera sharing', 'Bob camera');
  expect(conference.use.sharing).toBe(true);
  bob.owner.setSharing(true);
  await bob.sees('Alice camera', 'Bob camera sharing');
  // Her page stops as it was told, which must not end his share.
  alice.owner.setSharing(false);
  await waitFor('he shares', () => media.told.includes('Bob shares'));
  expect([alice.sharesStopped, bob.sharesStopped]).toEqual([1, 0]);
  const shares = media.told.filter((line) => line.includes('shares'));
  expect(shares).toEqual(['Alice shares', 'Alice shares no more', 'Bob shares']);
  bob.owner.setSharing(false);
  await bob.sees('Alice camera', 'Bob camera');
});

test('two who fight over sharing leave one sharer, and the media is told of few of their wishes', async () => {
  const { media, browser } = conferenceStage();
  const [alice, bob] = [await browser('Alice'), await browser('Bob')];
  const slow = Promise.withResolvers<undefined>();
  media.sharing = slow.promise.then();
  for (let round = 0; round < 100; round += 1) (round % 2 === 0 ? alice : bob).owner.setSharing(true);
  slow.resolve(undefined);
  await alice.sees('Alice camera', 'Bob camera sharing');
  await waitFor('the media follows', () => media.told.at(-1) === 'Bob shares');
  expect(media.told.filter((line) => line.includes('shares'))).toHaveLength(3);
});

test('a share that the media cannot begin is ended, and the sharer is told', async () => {
  const { media, browser, logged } = conferenceStage();
  const alice = await browser('Alice');
  media.sharing = Promise.reject(new Error('no router'));
  alice.owner.setSharing(true);
  await waitFor('she is told', () => alice.sharesStopped === 1);
  await alice.sees('Alice camera');
  expect(logged).toContain('sharing a screen failed');
});

test('a phone, which has no section for a screen, cannot share one', async () => {
  const { media, joined } = conferenceStage();
  const phone = await joined('Phone', { audio: videoDescription.audio });
  phone.owner.setSharing(true);
  expect(media.told).toEqual([]);
});
