import { expect, test } from 'vitest';
import { CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { tellIntervalMs } from '#zones/tellIntervalMs.ts';
import { conferenceStage, description } from './ConferenceStage.ts';

test('a leg whose caller was hung up while it was made is closed, and the conference after it', async () => {
  const { media, conference } = conferenceStage();
  const making = Promise.withResolvers<undefined>();
  media.making = making.promise.then();
  const call = new CallStandIn({ name: 'Alice', offer: description });
  const joined = conference.join(call, true);
  await waitFor('the leg is being made', () => media.legsBegun === 1);
  let ended = false;
  const ending = conference.end({ cause: 'server-stopping' }).then(() => (ended = true));
  await waitFor('the caller is told', () => call.told.length > 0);
  expect(ended).toBe(false);
  making.resolve(undefined);
  await Promise.all([joined, ending]);
  expect(call.told).toEqual(['refused server-stopping']);
  expect(media.closedLegs).toEqual(media.legs.map(({ id }) => id));
  expect(media.legs).toHaveLength(1);
  expect(media.closed).toBe(true);
});

test('a caller who is hung up on before he was decided about gets no leg', async () => {
  const { media, conference, services } = conferenceStage();
  const call = new CallStandIn({ name: 'Alice', offer: description });
  await Promise.all([conference.join(call, true), conference.end({ cause: 'server-stopping' })]);
  expect(call.told).toEqual(['refused server-stopping']);
  expect(media.legsBegun).toBe(0);
  expect(services.records.story).toEqual(['leg-start', 'leg-end server-stopping']);
});

test('a leg that cannot be made refuses the call, says so once and leaves the room empty', async () => {
  const { media, conference, logged } = conferenceStage();
  media.making = Promise.reject(new Error('a defect'));
  const call = new CallStandIn({ name: 'Alice', offer: description });
  await conference.join(call, true);
  expect(call.told).toEqual(['refused failed']);
  expect(conference.size).toBe(0);
  expect(logged).toEqual(['a call could not be set up', 'call not established failed']);
});

test('a leg that fails to close keeps nobody in the room, and hurts nobody else', async () => {
  const { media, conference, logged, joined } = conferenceStage();
  const [alice, bob] = [await joined('Alice'), await joined('Bob')];
  media.closingFails = true;
  alice.leave();
  await bob.sees('Bob');
  media.emit('stalled', bob.owner.participantId, 60_000);
  await conference.whenClosed;
  expect(bob.told).toEqual(['hung up media-timeout']);
  expect(logged.filter((line) => line.startsWith('call ended'))).toEqual([
    'call ended remote-hangup',
    'call ended media-timeout',
  ]);
});

test('a leg that is silent for less than a minute stays', async () => {
  const { media, joined } = conferenceStage();
  const alice = await joined('Alice');
  media.emit('stalled', alice.owner.participantId, 59_999);
  media.emit('stalled', 'somebody who left', 90_000);
  expect(alice.ended).toBe(false);
  media.emit('stalled', alice.owner.participantId, 60_000);
  media.emit('stalled', alice.owner.participantId, 65_000);
  await waitFor('she is hung up', () => alice.ended);
  expect(alice.told).toEqual(['hung up media-timeout']);
});

test('who speaks is shown, but not who is muted or has left', async () => {
  const { media, joined } = conferenceStage();
  const [alice, bob, carol] = [await joined('Alice'), await joined('Bob'), await joined('Carol')];
  const ids = [alice, bob, carol].map(({ owner }) => owner.participantId);
  carol.owner.setMuted(true);
  alice.leave();
  media.emit('speaking', ids);
  await bob.sees('Bob speaking', 'Carol muted');
  media.emit('speaking', []);
  await bob.sees('Bob', 'Carol muted');
});

test('digits of a leg reach its participant, and those of a leg that left nobody', async () => {
  const { media, joined } = conferenceStage();
  const [alice, bob] = [await joined('Alice'), await joined('Bob')];
  for (const digit of '*6') {
    media.emit('digit', alice.owner.participantId, digit);
    media.emit('digit', 'somebody who left', digit);
  }
  await bob.sees('Alice muted', 'Bob');
  expect(media.mutings).toEqual([true]);
});

test('however fast somebody presses mute, the media is told one change after the other, the last one in the end', async () => {
  const { media, joined } = conferenceStage();
  const alice = await joined('Alice');
  for (let press = 1; press <= 501; press += 1) alice.owner.setMuted(press % 2 === 1);
  await alice.sees('Alice muted');
  expect(media.mutings.length).toBeLessThan(4);
  expect(media.mutings.at(-1)).toBe(true);
});

test('no roster is shown after the conference closed', async () => {
  const { conference, joined } = conferenceStage();
  const [alice, bob] = [await joined('Alice'), await joined('Bob')];
  await alice.sees('Alice', 'Bob');
  alice.owner.setMuted(true);
  const before = bob.rosters.length;
  await conference.close('test');
  await new Promise((resolve) => setTimeout(resolve, 2 * tellIntervalMs(2)));
  expect(bob.rosters).toHaveLength(before);
});

test('a worker that dies while somebody joins leads to a new offer once he is in', async () => {
  const { media, conference } = conferenceStage();
  const first = Promise.withResolvers<typeof description>();
  const call: CallStandIn = new CallStandIn({
    name: 'Bob',
    protocol: 'web',
    answer: () => (call.offers.length === 1 ? first.promise : description),
  });
  const joined = conference.join(call, true);
  await waitFor('the first offer', () => call.offers.length === 1);
  media.emit('reoffer', call.owner.participantId);
  first.resolve(description);
  await joined;
  await waitFor('the second offer', () => call.offers.length === 2);
  expect(call.ended).toBe(false);
});

test('a far end that does not follow a new offer is hung up as worker-lost', async () => {
  const { media, conference } = conferenceStage();
  const call: CallStandIn = new CallStandIn({
    name: 'Bob',
    answer: () => {
      if (call.offers.length > 1) throw new Error('no answer');
      return description;
    },
  });
  await conference.join(call, true);
  media.emit('reoffer', call.owner.participantId);
  await conference.whenClosed;
  expect(call.told).toEqual(['hung up worker-lost']);
});

test('a caller who leaves while he is offered again is not hung up on', async () => {
  const { media, joined, conference, logged } = conferenceStage();
  const alice = await joined('Alice');
  const reoffering = Promise.withResolvers<undefined>();
  media.reoffering = reoffering.promise.then();
  media.emit('reoffer', alice.owner.participantId);
  alice.leave();
  reoffering.resolve(undefined);
  await conference.whenClosed;
  expect(alice.told).toEqual([]);
  expect(logged.at(-1)).toBe('call ended remote-hangup');
});

test('the larger the room, the less often it is told', () => {
  expect([1, 40, 100, 400, 1000].map(tellIntervalMs)).toEqual([100, 100, 250, 1000, 2000]);
});

test('who comes while a host ends the meeting is told so, and media that does not close hurts nobody else', async () => {
  const { conference, media, logged, browser } = conferenceStage();
  const boss = await browser('Boss');
  const late: CallStandIn[] = [];
  const hangup = boss.hangup.bind(boss);
  boss.hangup = async (because) => {
    for (const name of ['Late', 'Later']) {
      const call = new CallStandIn({ name, offer: description });
      late.push(call);
      void conference.join(call, true);
      await new Promise(setImmediate);
    }
    return hangup(because);
  };
  media.close = () => Promise.reject(new Error('the mixer is gone'));
  boss.owner.endConference();
  await waitFor('all are told', () => late.length === 2 && late.every(({ ended }) => ended));
  await waitFor('it is said', () => logged.includes('ending a conference failed'));
  expect(boss.told).toEqual(['hung up conference-ended']);
  for (const { told } of late) expect(told.join()).toMatch(/conference-ended$/);
});
