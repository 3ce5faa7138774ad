import { expect, test } from 'vitest';
import { termination, ZonebridgeError } from '#kernel/index.ts';
import { establish, startEdge, TestEndpoint, TestOwner } from './edge.ts';
import { key, Phone, phoneSdp } from './Phone.ts';

function version(body: Buffer): number {
  return Number(/^o=- \d+ (\d+) /m.exec(body.toString())?.[1]);
}

test('a late offer: we offer in the 200, and the ACK has the answer', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const answered = new Phone(peer).invite(200, { body: '', ackBody: phoneSdp({ codecs: '9 101' }) });
  const call = await zone.nextCall();
  expect(call.offer).toBeUndefined();
  const endpoint = new TestEndpoint(undefined);
  await call.admit(endpoint, new TestOwner());
  expect((await answered).body.toString()).toContain('m=audio 40000 RTP/SAVP 111 9 101\r\n');
  expect(endpoint.accepted).toMatchObject([
    { audio: { codecs: [{ name: 'G722' }], security: { keys: [{ key }] } } },
  ]);
});

test.each([
  ['has no answer', ''],
  ['has an answer without audio', phoneSdp().replace('m=audio 4000', 'm=audio 0')],
  ['has a broken answer', 'v=1\r\n'],
])('a late offer whose ACK %s ends with a BYE that says why', async (_what, ackBody) => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const phone = new Phone(peer);
  const answered = phone.invite(200, { body: '', ackBody });
  const call = await zone.nextCall();
  const owner = new TestOwner();
  const admitted = call.admit(new TestEndpoint(undefined), owner);
  const refused = expect(admitted).rejects.toBeInstanceOf(ZonebridgeError);
  await answered;
  const bye = await peer.request('BYE');
  phone.respond(bye, 200);
  await refused;
  expect(bye.headers.get('Reason')).toMatch(/^SIP;cause=(?:400|488);text="/);
  expect(call.ended).toBe(true);
  expect(owner.endings).toBe(1);
});

test('hold, resume and another codec: each re-INVITE is answered with the next version', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const { endpoint, phone } = await establish(zone, new Phone(peer));

  const hold = await phone.invite(200, { body: phoneSdp({ direction: 'sendonly' }) });
  expect(hold.body.toString()).toContain('a=recvonly\r\n');
  const oldHold = await phone.invite(200, { body: phoneSdp({ address: '0.0.0.0' }) });
  const resumed = await phone.invite(200);
  expect(resumed.body.toString()).toContain('a=sendrecv\r\n');
  const codec = await phone.invite(200, { body: phoneSdp({ codecs: '0 101' }) });
  expect(codec.body.toString()).toContain('m=audio 40000 RTP/SAVP 0 101\r\n');
  const same = await phone.invite(200, { body: phoneSdp({ codecs: '0 101' }) });

  expect([hold, oldHold, resumed, codec, same].map(({ body }) => version(body))).toEqual([2, 2, 3, 4, 4]);
  expect(endpoint.offers.map(({ audio }) => audio.direction).slice(0, 3)).toEqual([
    'sendonly',
    'sendonly',
    'sendrecv',
  ]);
  expect(hold.headers.get('Contact')).toContain(';isfocus');
});

test('a stream that is taken away with port 0 is refused in kind and can come back', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { endpoint, phone } = await establish(zone, new Phone(peer));
  const away = await phone.invite(200, { body: phoneSdp().replace('m=audio 4000', 'm=audio 0') });
  expect(away.body.toString()).toContain('m=audio 0 RTP/SAVP ');
  const back = await phone.invite(200);
  expect(back.body.toString()).toContain('m=audio 40000 RTP/SAVP ');
  expect(endpoint.offers.map(({ audio }) => audio.direction)).toEqual(['inactive', 'sendrecv']);
});

test.each([
  ['cannot be read', 400, 'v=1\r\n'],
  ['has no common codec', 488, phoneSdp({ codecs: '18' })],
  ['has no audio any more', 488, phoneSdp().replace('m=audio', 'm=video')],
])('a re-INVITE that %s is refused, and the call goes on as it was', async (_what, status, body) => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, owner, phone } = await establish(zone, new Phone(peer));
  const refused = await phone.invite(status, { body });
  expect(refused.headers.get('Warning')).toBeDefined();
  const again = await phone.invite(200);
  expect(version(again.body)).toBe(1);
  expect([call.ended, owner.endings]).toEqual([false, 0]);
});

test('a renegotiation that the media refuses is a 488, and the call goes on as it was', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, endpoint, phone } = await establish(zone, new Phone(peer));
  endpoint.failWith(new ZonebridgeError('not-acceptable', 'no'));
  await phone.invite(488, { body: phoneSdp({ direction: 'sendonly' }) });
  endpoint.failWith(new ZonebridgeError('internal', 'a defect'));
  await phone.invite(500, { body: phoneSdp({ direction: 'sendonly' }) });
  expect(call.ended).toBe(false);
  await phone.invite(200);
});

test('a re-INVITE without SDP is given our description in the session’s shape, and the ACK’s answer is followed', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const phone = new Phone(peer);
  const more = ['m=video 4002 RTP/AVP 97', 'm=application 4004 UDP/BFCP *'];
  const answered = phone.invite(200, { body: phoneSdp({ more }) });
  const call = await zone.nextCall();
  const endpoint = new TestEndpoint(call.offer);
  await Promise.all([call.admit(endpoint, new TestOwner()), answered]);
  await phone.invite(200, { body: phoneSdp({ direction: 'sendonly', more }) });

  const ackBody = phoneSdp({ codecs: '9 101', more: ['m=video 0 RTP/AVP 97', 'm=application 0 UDP/BFCP *'] });
  const offered = await phone.invite(200, { body: '', ackBody });
  const lines = offered.body.toString().split('\r\n');
  expect(lines.filter((line) => line.startsWith('m='))).toEqual([
    'm=audio 40000 RTP/SAVP 9 101',
    'm=video 0 RTP/AVP 97',
    'm=application 0 UDP/BFCP *',
  ]);
  expect(lines).toContain('a=sendrecv');
  await expect
    .poll(() => endpoint.offers.at(-1)?.audio)
    .toMatchObject({ direction: 'sendrecv', codecs: [{ name: 'G722' }] });
  expect(endpoint.accepted).toEqual([]);
});

test('an ACK that leaves out the answer to an unchanged offer does not end the call', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, phone } = await establish(zone, new Phone(peer));
  await phone.invite(200, { body: '' });
  await phone.invite(200);
  expect(call.ended).toBe(false);
});

test('UPDATE renegotiates with a description and refreshes without one', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { endpoint, phone } = await establish(zone, new Phone(peer));
  const update = await phone.ask('UPDATE', 200, { body: phoneSdp({ direction: 'sendonly' }) });
  expect(update.body.toString()).toContain('a=recvonly\r\n');
  const refresh = await phone.ask('UPDATE', 200);
  expect(refresh.body.toString()).toBe('');
  expect(endpoint.offers).toHaveLength(1);
});

test('INFO carries digits; what it does not mean here is refused as RFC 6086 says', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { owner, phone } = await establish(zone, new Phone(peer));
  const relay = 'application/dtmf-relay';
  await phone.ask('INFO', 200, { contentType: relay, body: 'Signal=5\r\nDuration=160\r\n' });
  await phone.ask('INFO', 200, { contentType: relay, body: 'Duration= 100\nSignal= 11\n' });
  await phone.ask('INFO', 200, { contentType: 'application/dtmf; x=y', body: 'd' });
  await phone.ask('INFO', 200, { contentType: relay, body: 'Signal=16\r\n' });
  await phone.ask('INFO', 200);
  expect(owner.digits).toEqual(['5', '#', 'D']);

  const other = await phone.ask('INFO', 415, { contentType: 'text/plain', body: 'x' });
  expect(other.headers.get('Accept')).toBe(
    'application/dtmf-relay, application/dtmf, application/media_control+xml',
  );
  await phone.ask('INFO', 469, { contentType: 'text/plain', body: 'x', headers: ['Info-Package: x'] });
});

test('other requests in the dialog are answered properly', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, phone } = await establish(zone, new Phone(peer));
  const options = await phone.ask('OPTIONS', 200);
  expect(options.headers.get('Accept')).toContain('application/sdp');
  const refer = await phone.ask('REFER', 405, { headers: ['Refer-To: <sip:x@y.example>'] });
  expect(refer.headers.get('Allow')).toBe('INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE');
  await phone.ask('MESSAGE', 405, { contentType: 'text/plain', body: 'hello' });
  await phone.ask('SUBSCRIBE', 489, { headers: ['Event: conference', 'Expires: 60'] });
  await phone.ask('NOTIFY', 481, { headers: ['Event: x', 'Subscription-State: active'] });
  expect(call.ended).toBe(false);
});

test('a BYE of the phone ends the call once', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const { call, owner, phone } = await establish(zone, new Phone(peer));
  await phone.ask('BYE', 200);
  expect(await owner.whenEnded).toEqual({ cause: 'remote-hangup' });
  await call.hangup(termination('local-hangup'));
  expect(owner.endings).toBe(1);
  expect(zone.zone.engine.counters.dialogs).toBe(0);
});

test('a BYE that comes instead of the ACK ends the call, which was never established', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const phone = new Phone(peer);
  phone.send('INVITE', { body: phoneSdp() });
  const call = await zone.nextCall();
  const owner = new TestOwner();
  const refused = expect(call.admit(new TestEndpoint(call.offer), owner)).rejects.toMatchObject({
    code: 'closed',
  });
  phone.follow(await peer.response(200));
  phone.send('BYE');
  await refused;
  expect(await owner.whenEnded).toEqual({ cause: 'remote-hangup' });
});

test('hanging up sends a BYE with the reason, and does not wait for a phone that is silent', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { call, owner } = await establish(zone, new Phone(peer));
  const hungUp = call.hangup(termination('zone-draining', 'only for the log'));
  const bye = await peer.request('BYE');
  expect(bye.headers.get('Reason')).toBe(
    'SIP;cause=503;text="The server is being serviced. Try again in a few minutes"',
  );
  expect([...bye.headers].map(([name]) => name).sort()).toEqual([
    ...['CSeq', 'Call-ID', 'Content-Length', 'From', 'Max-Forwards', 'Reason', 'To', 'User-Agent', 'Via'],
  ]);
  await hungUp;
  expect(owner.endings).toBe(1);
  expect(call.ended).toBe(true);
});

test('an answer that is never acknowledged ends the call', async () => {
  await using zone = await startEdge({ engine: { timings: { t1Ms: 5, t2Ms: 20, t4Ms: 20 } } });
  using peer = await zone.tcpPeer();
  const phone = new Phone(peer);
  phone.send('INVITE', { body: phoneSdp() });
  const call = await zone.nextCall();
  const owner = new TestOwner();
  const refused = expect(call.admit(new TestEndpoint(call.offer), owner)).rejects.toMatchObject({
    code: 'closed',
  });
  await peer.request('BYE');
  await refused;
  expect(await owner.whenEnded).toEqual({ cause: 'ack-timeout' });
});

test('a call whose connection is gone for good has ended', async () => {
  await using zone = await startEdge({ engine: { limits: { flowGraceMs: 10 } } });
  const peer = await zone.tlsPeer();
  const { owner } = await establish(zone, new Phone(peer));
  peer[Symbol.dispose]();
  expect(await owner.whenEnded).toEqual({ cause: 'transport-lost' });
});

test('closing the edge says goodbye to everyone', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const { owner, phone } = await establish(zone, new Phone(peer));
  const closed = zone.edge.close('server stopping');
  const bye = await peer.request('BYE');
  phone.respond(bye, 200);
  await closed;
  expect(bye.headers.get('Reason')).toContain('The server is stopping');
  expect(await owner.whenEnded).toEqual({ cause: 'server-stopping' });
  await zone.edge.close('again');
});
