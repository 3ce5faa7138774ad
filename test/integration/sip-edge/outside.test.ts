import { expect, test } from 'vitest';
import { startEdge } from './edge.ts';
import { Phone } from './Phone.ts';

const allow = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE';

test('OPTIONS tells what RFC 3261 §11.2 asks for, whichever room it names', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const asked = await Promise.all(
    ['sip:room@zone.example', 'sip:nowhere@zone.example', 'sip:zone.example'].map(async (uri) => {
      using own = await zone.tlsPeer();
      return await new Phone(own, { uri }).ask('OPTIONS', 200);
    }),
  );
  const shown = asked.map(({ headers }) =>
    [...headers].filter(([name]) => !['Via', 'From', 'To', 'Call-ID', 'CSeq'].includes(name)),
  );
  expect(shown[0]).toEqual([
    ['Accept', 'application/sdp, application/dtmf-relay, application/dtmf, application/media_control+xml'],
    ['Accept-Encoding', 'identity'],
    ['Accept-Language', 'en'],
    ['Allow', allow],
    ['Supported', 'timer'],
    ['Server', 'zonebridge'],
    ['Content-Length', '0'],
  ]);
  expect(shown[1]).toEqual(shown[0]);
  expect(shown[2]).toEqual(shown[0]);
  expect(peer.seen).toEqual([]);
});

test.each([
  ['MESSAGE', 405],
  ['REFER', 405],
  ['REGISTER', 405],
  ['SUBSCRIBE', 489],
  ['PUBLISH', 489],
  ['NOTIFY', 481],
  ['INFO', 481],
  ['BYE', 481],
  ['NONSENSE', 501],
])('%s outside of a dialog is answered %i', async (method, status) => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const answer = await new Phone(peer).ask(method, status, {
    headers: ['Event: conference', 'Refer-To: <sip:a@b.example>'],
  });
  if (status === 405) expect(answer.headers.get('Allow')).toBe(allow);
  expect(answer.headers.get('Server')).toBe('zonebridge');
  expect(zone.unclaimed).toBe(0);
});

test('an edge whose engine goes away closes, and keeps nothing alive', async () => {
  const zone = await startEdge();
  await zone.zone.engine.close('the engine is gone');
  expect(await zone.edge.whenClosed).toBe('the link to the SIP engine is gone');
  await zone[Symbol.asyncDispose]();
});
