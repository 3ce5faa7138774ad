import { once } from 'node:events';
import type { Dialog } from 'drachtio-srf';
import { expect, test } from 'vitest';
import { startEngine, tlsInfo, tlsPeer } from './engine.ts';
import { PeerCall, sdp } from './PeerCall.ts';

test('a call over TLS is answered by the application, acknowledged and ended by the caller', async () => {
  await using zone = await startEngine({ contactParameters: 'isfocus', userAgent: 'a zone' });
  const dialogs = Promise.withResolvers<Dialog>();
  zone.srf.invite((req, res) => {
    const flow = zone.engine.flowOf(req.get('Call-ID'), call.fromTag);
    expect(flow?.tls).toEqual(tlsInfo);
    zone.srf.createUAS(req, res, { localSdp: sdp }).then(dialogs.resolve, dialogs.reject);
  });
  using peer = await tlsPeer(zone.tls);
  const call = new PeerCall(peer);

  const answer = await call.establish();
  const dialog = await dialogs.promise;
  expect(answer.headers.get('Contact')).toBe(`<sip:127.0.0.1:${zone.tls.port};transport=tls>;isfocus`);
  expect(answer.headers.get('Server')).toBe('a zone');
  expect(answer.body.toString()).toBe(sdp);

  const destroyed = once(dialog, 'destroy');
  call.send('BYE');
  await destroyed;
  await peer.response(200);
  expect(zone.engine.counters.dialogs).toBe(0);
});
