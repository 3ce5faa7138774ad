import { expect, test } from 'vitest';
import type { RefusedAttempt } from '#signaling/call.ts';
import { startEdge } from './edge.ts';
import { Phone, phoneSdp } from './Phone.ts';

test.each([
  ['another domain', 404, 'not-found', { uri: 'sip:board@elsewhere.example' }],
  ['a description that is none', 400, 'bad-request', { body: 'v=0\r\nnonsense' }],
  ['media of another kind', 415, 'bad-request', { contentType: 'text/plain' }],
  [
    'audio without SRTP keys',
    488,
    'not-acceptable',
    { body: phoneSdp().replaceAll(/^a=crypto.*\r\n/gm, '') },
  ],
])('an INVITE that is refused as it stands is told of: %s', async (_what, status, cause, parts) => {
  const told: RefusedAttempt[] = [];
  await using zone = await startEdge({ edge: { onRefused: (attempt) => told.push(attempt) } });
  using peer = await zone.tlsPeer();
  await new Phone(peer, { from: '"Ann" <sip:ann@far.example;x=y>' }).invite(status, parts);
  expect(told).toMatchObject([
    {
      displayName: 'Ann',
      direction: 'in',
      protocol: 'sip',
      origin: {
        uri: 'sip:ann@far.example',
        userAgent: 'Phone 1.2',
        remoteAddress: '127.0.0.1',
        transport: 'tls',
      },
      because: { cause, detail: expect.stringContaining(`answered ${status}`) as string },
    },
  ]);
  expect(zone.unclaimed).toBe(0);
});

test('a request of a dialog that is over is no attempt', async () => {
  const told: RefusedAttempt[] = [];
  await using zone = await startEdge({ edge: { onRefused: (attempt) => told.push(attempt) } });
  using peer = await zone.tlsPeer();
  const phone = new Phone(peer);
  phone.follow(await phone.invite(404, { uri: 'sip:board@elsewhere.example' }));
  await phone.invite(481);
  expect(told).toHaveLength(1);
});
