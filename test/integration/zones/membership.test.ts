import { expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import { browserAnswer, CallStandIn } from './CallStandIn.ts';
import { ZoneFixture } from './ZoneFixture.ts';

test('two callers are in one conference and each sees the other, until one leaves', async () => {
  await using zone = await ZoneFixture.open();
  const alice = await zone.joined('Alice');
  const bob = await zone.browser('Bob');
  await Promise.all([alice.sees('Alice', 'Bob'), bob.sees('Alice', 'Bob')]);
  expect(bob.owner).toMatchObject({ roomTitle: 'Welcome room', zoneName: 'meetme' });
  expect(bob.roster.map(({ kind }) => kind)).toEqual(['phone', 'browser']);
  alice.leave();
  await bob.sees('Bob');
  expect(zone.reception.occupancy('welcome')).toBe(1);
  expect(zone.causes('call ended')).toEqual(['remote-hangup']);
});

test('people of one room see nobody of another, and two of one name are two', async () => {
  await using zone = await ZoneFixture.open();
  const one = await zone.joined('Alice');
  await zone.joined('Alice');
  const apart = await zone.joined('Carol', 'quiet');
  await Promise.all([one.sees('Alice', 'Alice'), apart.sees('Carol')]);
  expect(new Set(one.roster.map(({ id }) => id)).size).toBe(2);
  const conferences = new Set([...zone.mixer.legs.values()].map(({ conferenceId }) => conferenceId));
  expect(conferences.size).toBe(2);
});

test('a caller that cancels while the zone is still deciding leaves nothing behind', async () => {
  await using zone = await ZoneFixture.open();
  const call = await zone.phone('Alice');
  const taken = zone.reception.take(call);
  expect(zone.reception.occupancy('welcome')).toBe(1);
  call.leave('cancelled');
  await taken;
  await zone.isEmpty();
  expect(zone.causes('call not established')).toEqual(['cancelled']);
  expect(zone.troubles).toEqual([]);
});

test('a browser that vanishes before it answers leaves nothing behind', async () => {
  await using zone = await ZoneFixture.open();
  const call = new CallStandIn({ name: 'Bob', answer: () => new Promise(() => undefined) });
  const taken = zone.reception.take(call);
  await waitFor('it is offered something', () => call.offers.length > 0);
  call.leave('transport-lost');
  await taken;
  await zone.isEmpty();
  expect(zone.causes('call not established')).toEqual(['transport-lost']);
  expect(zone.troubles).toEqual([]);
});

test('a call that ends in the moment when it is established is never shown', async () => {
  await using zone = await ZoneFixture.open();
  const watching = await zone.joined('Alice');
  const call: CallStandIn = new CallStandIn({
    name: 'Bob',
    answer: (offer) => {
      setImmediate(() => call.leave());
      return browserAnswer(offer);
    },
  });
  await zone.reception.take(call);
  await waitFor('it is gone', () => zone.reception.occupancy('welcome') === 1);
  expect(zone.mixer.legs.size).toBe(1);
  expect(zone.causes('call not established')).toEqual(['remote-hangup']);
  await zone.joined('Carol');
  await watching.sees('Alice', 'Carol');
  expect(watching.rosters.flat().map(({ name }) => name)).not.toContain('Bob');
  expect(zone.causes('admitted')).toHaveLength(2);
});

test('the capacity counts people who are still joining and forgets those who failed', async () => {
  await using zone = await ZoneFixture.open({ capacity: 2 });
  const answers = Promise.withResolvers<never>();
  const slow = new CallStandIn({ name: 'Slow', answer: () => answers.promise });
  const taken = zone.reception.take(slow);
  await zone.joined('Alice');
  const third = await zone.phone('Carol');
  await zone.reception.take(third);
  expect(third.told).toEqual(['refused busy']);
  answers.reject(new Error('no answer'));
  await taken;
  expect(zone.reception.occupancy('welcome')).toBe(1);
  await zone.joined('Carol');
  expect(zone.reception.occupancy('welcome')).toBe(2);
});

test('of many who dial at once as many get in as the room holds', async () => {
  await using zone = await ZoneFixture.open({ capacity: 3 });
  const calls = await Promise.all(Array.from({ length: 8 }, (_, index) => zone.phone(`Phone ${index}`)));
  await Promise.all(calls.map((call) => zone.reception.take(call)));
  expect(calls.filter(({ ended }) => !ended)).toHaveLength(3);
  expect(calls.flatMap(({ told }) => told)).toEqual(Array.from({ length: 5 }, () => 'refused busy'));
  expect(zone.mixer.legs.size).toBe(3);
});

test('a conference closes after the last one left and opens again for the next', async () => {
  await using zone = await ZoneFixture.open();
  const first = await zone.joined('Alice');
  const before = [...zone.mixer.legs.values()][0]?.conferenceId;
  first.leave();
  await zone.isEmpty();
  const second = await zone.joined('Bob');
  await second.sees('Bob');
  expect([...zone.mixer.legs.values()][0]?.conferenceId).not.toBe(before);
});

test('who dials in the moment when the last one leaves gets in', async () => {
  await using zone = await ZoneFixture.open();
  let last = await zone.joined('Alice');
  for (let round = 0; round < 10; round += 1) {
    const next = await zone.phone(`Phone ${round}`);
    const leaving = last;
    // Each round dials one step later in the closing of the conference.
    const dialled = (async () => {
      for (let step = 0; step < round; step += 1) await Promise.resolve();
      await zone.reception.take(next);
    })();
    leaving.leave();
    await dialled;
    expect(next.told).toEqual([]);
    await next.sees(`Phone ${round}`);
    last = next;
  }
  expect(zone.troubles).toEqual([]);
});
