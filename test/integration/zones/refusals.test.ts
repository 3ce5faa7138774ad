import { expect, test } from 'vitest';
import type { SessionDescription } from '#kernel/index.ts';
import { TestPhone } from '#test/support/TestPhone.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { browserAnswer, CallStandIn } from './CallStandIn.ts';
import { ZoneFixture } from './ZoneFixture.ts';

test('a room that does not exist is refused and costs no leg', async () => {
  await using zone = await ZoneFixture.open();
  const call = await zone.phone('Alice', 'nowhere');
  await zone.reception.take(call);
  expect(call.told).toEqual(['refused not-found']);
  expect(zone.causes('refused')).toEqual(['not-found']);
});

test('a phone without SRTP is refused as not-acceptable, once, and leaves nothing behind', async () => {
  await using zone = await ZoneFixture.open();
  await using phone = await TestPhone.create();
  const call = new CallStandIn({ name: 'Alice', offer: phone.offer() });
  await zone.reception.take(call);
  expect(call.told).toEqual(['refused not-acceptable']);
  await zone.isEmpty();
  expect(zone.causes('call not established')).toEqual(['not-acceptable']);
  expect(zone.troubles).toEqual([]);
});

test('a call whose answer cannot be used ends with not-acceptable and its leg is gone', async () => {
  await using zone = await ZoneFixture.open();
  const answer = (offer: SessionDescription): SessionDescription => ({
    audio: { ...browserAnswer(offer).audio, security: { kind: 'none' } },
  });
  const call = new CallStandIn({ name: 'Bob', answer });
  await zone.reception.take(call);
  expect(call.ended).toBe(true);
  await zone.isEmpty();
  expect(zone.causes('call not established')).toEqual(['not-acceptable']);
});

test('a drained zone refuses new callers and keeps the others', async () => {
  await using zone = await ZoneFixture.open();
  const alice = await zone.joined('Alice');
  const joining = await zone.phone('Bob');
  const taken = zone.reception.take(joining);
  zone.reception.drain();
  const late = await zone.phone('Carol');
  await zone.reception.take(late);
  await taken;
  expect(late.told).toEqual(['refused zone-draining']);
  await alice.sees('Alice', 'Bob');
});

test('stopping ends every call with server-stopping, those that are still joining too', async () => {
  await using zone = await ZoneFixture.open();
  const [alice, bob] = [await zone.joined('Alice'), await zone.browser('Bob')];
  const dialling = await zone.phone('Carol');
  const offered = new CallStandIn({ name: 'Dave', answer: () => new Promise(() => undefined) });
  const takenOffered = zone.reception.take(offered);
  await waitFor('it is offered something', () => offered.offers.length > 0);
  const takenDialling = zone.reception.take(dialling);
  await zone.reception.end({ cause: 'server-stopping' });
  await Promise.all([takenOffered, takenDialling]);
  expect(alice.told).toEqual(['hung up server-stopping']);
  expect(bob.told).toEqual(['hung up server-stopping']);
  expect(offered.told).toEqual(['hung up server-stopping']);
  expect(dialling.told).toEqual(['refused server-stopping']);
  await zone.isEmpty();
  expect(zone.troubles).toEqual([]);
});

test('a zone that closes under its callers lets go of everything', async () => {
  await using zone = await ZoneFixture.open();
  await zone.joined('Alice');
  const taken = zone.reception.take(await zone.phone('Bob'));
  await zone.reception.close('test');
  await taken;
  expect(zone.mixer.legs.size).toBe(0);
});

test('what signaling has refused by itself is written like any other attempt', async () => {
  await using zone = await ZoneFixture.open();
  zone.reception.refused({
    room: 'board',
    direction: 'in',
    protocol: 'sip',
    displayName: 'Mallory',
    origin: {
      transport: 'tls',
      remoteAddress: '192.0.2.66',
      remotePort: 9,
      uri: 'sip:mallory@far.example',
      signs: [],
      wantsPrivacy: false,
    },
    because: { cause: 'not-acceptable', detail: 'answered 488 Not Acceptable Here' },
  });
  await waitFor('the record', () => zone.services.records.written.length === 1);
  expect(zone.services.records.written).toMatchObject([
    {
      type: 'attempt-refused',
      cause: 'not-acceptable',
      detail: 'answered 488 Not Acceptable Here',
      leg: { room: 'board', displayName: 'Mallory', remoteAddress: '192.0.2.66' },
    },
  ]);
});
