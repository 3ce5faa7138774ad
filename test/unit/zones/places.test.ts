import { expect, test } from 'vitest';
import { browserAnswer, CallStandIn } from '#test/integration/zones/CallStandIn.ts';
import { testZone } from '#test/support/zoneServices.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { Door } from '#zones/Door.ts';
import { hashPin } from '#zones/identity/pin.ts';
import { conferenceStage, description } from './ConferenceStage.ts';

const guestPin = await hashPin('2468');

function browser(name: string, code?: string): CallStandIn {
  return new CallStandIn({
    name,
    answer: browserAnswer,
    codes: code === undefined ? [] : [code],
    origin: { remoteAddress: code === undefined ? '192.0.2.66' : '192.0.2.7' },
  });
}

test('people who have shown nothing take nobody’s place', async () => {
  const { conference } = conferenceStage({ guest_pin: guestPin, capacity: 2 });
  const flood = Array.from({ length: 5 }, (_, index) => browser(`Flood ${index}`));
  for (const call of flood) void conference.join(call, true);
  await waitFor('all are asked', () => flood.every(({ gates }) => gates.length === 1));
  const guests = [browser('Anna', '2468'), browser('Bert', '2468')];
  for (const guest of guests) await conference.join(guest, true);
  expect(guests.flatMap(({ told }) => told)).toEqual([]);
  // Now it is full, for a phone whose PIN is right as well.
  const late = browser('Carl', '2468');
  await conference.join(late, true);
  expect(late.told).toEqual(['refused busy']);
  guests[0]?.leave();
  const next = browser('Dora', '2468');
  await conference.join(next, true);
  expect(next.told).toEqual([]);
  for (const call of flood) call.leave();
});

test('two who want the last place at the same time: one has it', async () => {
  const { conference } = conferenceStage({ capacity: 2 });
  const calls = ['Anna', 'Bert', 'Carl'].map((name) => browser(name, ''));
  await Promise.all(calls.map((call) => conference.join(call, true)));
  expect(calls.map(({ told }) => told.join())).toEqual(['', '', 'refused busy']);
});

test('phones that are asked by voice leave ports for phones of other places', async () => {
  const stage = conferenceStage(
    { guest_pin: guestPin },
    undefined,
    new Door({ ...testZone([{ name: 'welcome' }]).media, ports: { min: 20_000, max: 20_199 } }),
  );
  const phone = (name: string, remoteAddress: string): CallStandIn =>
    new CallStandIn({ name, offer: description, origin: { remoteAddress } });
  const flood = Array.from({ length: 14 }, (_, index) => phone(`Flood ${index}`, '192.0.2.66'));
  for (const call of flood) void stage.conference.join(call, true);
  await waitFor('the first are put out', () => flood.filter(({ ended }) => ended).length === 2);
  expect(flood.slice(0, 2).flatMap(({ told }) => told)).toEqual(['refused busy', 'refused busy']);
  const other = phone('Anna', '192.0.2.7');
  const joining = stage.conference.join(other, true);
  await waitFor('she is asked', () => stage.media.said.includes('Anna: enter-pin'));
  for (const digit of '2468#') stage.media.emit('digit', stage.media.legs.at(-1)?.id ?? '', digit);
  await joining;
  await other.sees('Anna');
  for (const call of flood) if (!call.ended) call.leave();
});
