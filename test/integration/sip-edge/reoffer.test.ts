import { expect, test } from 'vitest';
import { establish, startEdge } from './edge.ts';
import { Phone, phoneSdp } from './Phone.ts';

test('a new offer of ours is a re-INVITE, and its answer reaches the endpoint', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const { call, endpoint, phone } = await establish(zone, new Phone(peer));
  const reoffered = call.reoffer(endpoint);
  const invite = await peer.request('INVITE');
  expect(invite.body.toString()).toContain('m=audio 40000 RTP/SAVP 9 101\r\n');
  expect(invite.headers.get('Contact')).toContain(`127.0.0.1:${zone.zone.tls.port};transport=tls`);
  expect(invite.headers.get('User-Agent')).toBe('zonebridge');
  phone.respond(invite, 180);
  phone.respond(invite, 200, phoneSdp({ codecs: '9 101' }));
  await peer.request('ACK');
  await reoffered;
  expect(endpoint.accepted).toMatchObject([{ audio: { codecs: [{ name: 'G722' }] } }]);
});

test('a phone that refuses our new offer keeps its call, and the zone is told', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, endpoint, phone } = await establish(zone, new Phone(peer));
  const refused = expect(call.reoffer(endpoint)).rejects.toMatchObject({ code: 'not-acceptable' });
  phone.respond(await peer.request('INVITE'), 488);
  await refused;
  expect(call.ended).toBe(false);
});

test('after a collision our new offer is made again', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, endpoint, phone } = await establish(zone, new Phone(peer));
  const reoffered = call.reoffer(endpoint);
  phone.respond(await peer.request('INVITE'), 491);
  phone.respond(await peer.request('INVITE'), 200, phoneSdp({ codecs: '9 101' }));
  await reoffered;
  expect(endpoint.accepted).toHaveLength(1);
});

test('a phone that hangs up while our new offer waits has ended the call, and nothing hangs', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, endpoint, owner, phone } = await establish(zone, new Phone(peer));
  const lost = expect(call.reoffer(endpoint)).rejects.toMatchObject({ code: 'closed' });
  await peer.request('INVITE');
  phone.send('BYE');
  await lost;
  expect(await owner.whenEnded).toEqual({ cause: 'remote-hangup' });
  await expect(call.reoffer(endpoint)).rejects.toMatchObject({ code: 'closed' });
});

test('an offer of the phone waits for the end of ours', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, endpoint, phone } = await establish(zone, new Phone(peer));
  const reoffered = call.reoffer(endpoint);
  const invite = await peer.request('INVITE');
  await phone.invite(491);
  phone.respond(invite, 200, phoneSdp({ codecs: '9 101' }));
  await reoffered;
  await phone.invite(200);
});
