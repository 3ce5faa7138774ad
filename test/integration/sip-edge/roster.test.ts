import { expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import { establish, startEdge } from './edge.ts';
import { Phone } from './Phone.ts';

const type = 'application/conference-info+xml';
const subscription = ['Event: conference', 'Subscription-State: active;expires=3600'];

function roster(state: 'full' | 'partial', ...users: readonly string[]): string {
  const elements = users.map(
    (user) =>
      `<user entity="sip:${user.replace('-', '')}@mcu.example" state="${user.startsWith('-') ? 'deleted' : 'full'}"/>`,
  );
  return `<conference-info entity="sip:mcu@mcu.example" state="${state}" version="1"><users>${elements.join('')}</users></conference-info>`;
}

test('a far end that says that it is a conference is asked how many are in it, and who comes and goes is followed', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const { call, phone } = await establish(zone, new Phone(peer, { isFocus: true }));
  const asked = await peer.request('SUBSCRIBE');
  expect(['Event', 'Accept', 'Expires'].map((name) => asked.headers.get(name))).toEqual([
    'conference',
    type,
    '3600',
  ]);
  // RFC 6665: the first NOTIFY may come before the answer.
  await phone.ask('NOTIFY', 200, {
    body: roster('full', 'zone', 'ann', 'bob'),
    contentType: type,
    headers: subscription,
  });
  phone.respond(asked, 200);
  expect(call.origin.announced).toBe(3);
  await phone.ask('NOTIFY', 200, {
    body: roster('partial', 'carl', '-bob', '-ann'),
    contentType: type,
    headers: subscription,
  });
  await waitFor('two are left', () => call.origin.announced === 2);
  await phone.ask('NOTIFY', 200, {
    headers: ['Event: conference', 'Subscription-State: terminated;reason=noresource'],
  });
  await phone.ask('NOTIFY', 481, { body: roster('full', 'zone'), contentType: type, headers: subscription });
  await phone.ask('NOTIFY', 481, { headers: ['Event: presence', 'Subscription-State: active'] });
  expect(call.origin.announced).toBe(2);
  expect(call.ended).toBe(false);
});

test('one that refuses is not asked again, and the call goes on', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const { call, phone } = await establish(zone, new Phone(peer, { isFocus: true }));
  phone.respond(await peer.request('SUBSCRIBE'), 489);
  await waitFor('it is over', async () => {
    const { status } = await phone
      .ask('NOTIFY', 481, { body: roster('full', 'a', 'b'), contentType: type, headers: subscription })
      .catch(() => ({ status: 0 }));
    return status === 481;
  });
  expect([call.ended, call.origin.announced]).toEqual([false, undefined]);
});

test('a phone that does not say so is asked nothing', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const { call, phone } = await establish(zone, new Phone(peer));
  await phone.ask('NOTIFY', 481, {
    body: roster('full', 'a', 'b'),
    contentType: type,
    headers: subscription,
  });
  await phone.ask('OPTIONS', 200);
  expect(peer.seen.filter((message) => message.kind === 'request' && message.method === 'SUBSCRIBE')).toEqual(
    [],
  );
  expect(call.origin.announced).toBeUndefined();
});
