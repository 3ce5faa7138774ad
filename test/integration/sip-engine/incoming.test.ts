import { once } from 'node:events';
import { expect, test } from 'vitest';
import { answerCalls, endOf, nextRequest } from './app.ts';
import { startEngine, tlsInfo, tlsPeer } from './engine.ts';
import { PeerCall, sdp } from './PeerCall.ts';
import { SipPeer } from './SipPeer.ts';

/** T1 of 20 ms: what takes the RFC half a minute is over in 1.3 s. */
const hasty = { t1Ms: 20, t2Ms: 160, t4Ms: 200 };

test('a call over TLS is answered by the application, acknowledged and ended by the caller', async () => {
  await using zone = await startEngine({ contactParameters: 'isfocus', userAgent: 'a zone' });
  using peer = await tlsPeer(zone.tls);
  const call = new PeerCall(peer);
  const invited = nextRequest(zone, 'invite');
  call.invite();
  const { req, res } = await invited;
  expect(zone.engine.flowOf(call.callId, call.fromTag)?.tls).toEqual(tlsInfo);
  const dialog = await zone.srf.createUAS(req, res, { localSdp: sdp });

  const answer = call.follow(await peer.response(200));
  call.send('ACK');
  expect(answer.headers.get('Contact')).toBe(`<sip:127.0.0.1:${zone.tls.port};transport=tls>;isfocus`);
  expect(answer.headers.get('Server')).toBe('a zone');
  expect(answer.body.toString()).toBe(sdp);
  expect(zone.engine.flowOf(call.callId, call.fromTag)?.remote.port).toBe(
    Number(peer.wire.local.split(':')[1]),
  );

  const destroyed = once(dialog, 'destroy');
  call.send('BYE');
  await destroyed;
  await peer.response(200);
  expect(zone.engine.counters).toMatchObject({ dialogs: 0, unansweredRequests: 0 });
});

test("the application's refusal reaches the caller with its reason, again until he acknowledges it", async () => {
  await using zone = await startEngine({ timings: hasty });
  zone.srf.invite((_req, res) => {
    res.send(404, 'No Such Room', {
      headers: { Reason: 'Q.850;cause=1', Warning: '399 zone "Check the name"' },
    });
  });
  using peer = await SipPeer.overUdp(zone.udp);
  const call = new PeerCall(peer);
  call.invite();
  const refusal = await peer.response(404);
  expect(refusal.reason).toBe('No Such Room');
  expect(refusal.headers.get('Reason')).toBe('Q.850;cause=1');
  expect(refusal.headers.get('Warning')).toBe('399 zone "Check the name"');
  expect(refusal.to.parameters.get('tag')).toMatch(/^[0-9a-f]{16}$/);
  await peer.response(404);
  call.follow(refusal);
  call.send('ACK', { branch: call.branch });
  await expect.poll(() => zone.engine.counters.transactions).toBe(0);
  expect(zone.engine.counters.dialogs).toBe(0);
});

test('an INVITE that comes twice is one call, and its answer comes again until the ACK', async () => {
  await using zone = await startEngine({ timings: hasty });
  const calls = answerCalls(zone);
  using peer = await SipPeer.overUdp(zone.udp);
  const call = new PeerCall(peer);
  call.invite();
  call.invite({ branch: call.branch, sequence: call.sequence });
  const dialog = await calls.next();
  const acks: unknown[] = [];
  dialog.on('ack', (ack) => acks.push(ack));
  await peer.response(200);
  call.follow(await peer.response(200));
  call.send('ACK');
  call.send('ACK');
  await expect.poll(() => acks).toHaveLength(1);
  expect(zone.engine.counters.dialogs).toBe(1);
  call.send('INFO');
  expect((await peer.response(200)).status).toBe(200);
  expect(acks).toHaveLength(1);
});

test('a call that is never acknowledged ends with BYE, and the application is told why', async () => {
  await using zone = await startEngine({ timings: hasty });
  const calls = answerCalls(zone);
  using peer = await SipPeer.overTcp(zone.tcp);
  const call = new PeerCall(peer);
  call.invite();
  const reason = endOf(await calls.next());
  const bye = await peer.request('BYE');
  expect(bye.headers.get('Reason')).toBe('SIP;cause=200;text="ACK timeout"');
  expect(await reason).toBe('ACK timeout');
  const repeated = peer.seen.filter((message) => message.kind === 'response' && message.status === 200);
  expect(repeated.length).toBeGreaterThan(5);
});

test('a caller who gives up is told 487, the application hears it, and its late answer does no harm', async () => {
  await using zone = await startEngine();
  using peer = await SipPeer.overUdp(zone.udp);
  const call = new PeerCall(peer);
  const invited = nextRequest(zone, 'invite');
  call.invite();
  const { req, res } = await invited;
  res.send(180);
  await peer.response(180);
  const cancelled = once(req as unknown as NodeJS.EventEmitter, 'cancel');
  call.cancel();
  await cancelled;
  expect((await peer.response(200)).cseq.method).toBe('CANCEL');
  const terminated = call.follow(await peer.response(487));
  call.send('ACK', { branch: call.branch });
  expect(terminated.cseq.method).toBe('INVITE');
  const complaint = await new Promise((resolve) => res.send(200, 'OK', { body: sdp }, resolve));
  expect(complaint).toBe('Response not sent due to unknown transaction');
  expect(zone.engine.counters.dialogs).toBe(0);
});

test('with a late offer the ACK brings the answer to the application', async () => {
  await using zone = await startEngine();
  const calls = answerCalls(zone, sdp);
  using peer = await SipPeer.overUdp(zone.udp);
  const call = new PeerCall(peer);
  call.invite({ body: '' });
  const dialog = await calls.next();
  const answered = once(dialog as unknown as NodeJS.EventEmitter, 'ack');
  expect(call.follow(await peer.response(200)).body.toString()).toBe(sdp);
  call.send('ACK', { body: sdp.replace('4000', '4002') });
  const [ack] = (await answered) as [{ body: string }];
  expect(ack.body).toContain('m=audio 4002');
});

test('descriptions of 30 kB pass both ways, byte for byte', async () => {
  await using zone = await startEngine();
  const large = `${sdp}${'a=note:größer als zwölf Kilobyte\r\n'.repeat(850)}`;
  expect(Buffer.byteLength(large)).toBeGreaterThan(30_000);
  const invited = nextRequest(zone, 'invite');
  using peer = await tlsPeer(zone.tls);
  const call = new PeerCall(peer);
  call.invite({ body: large });
  const { req, res } = await invited;
  expect((req as unknown as { body: string }).body).toBe(large);
  await zone.srf.createUAS(req, res, { localSdp: large });
  expect((await peer.response(200)).body.toString()).toBe(large);
});

test('an application that never answers leaves the caller with 480', async () => {
  await using zone = await startEngine({ limits: { answerTimeoutMs: 100 } });
  zone.srf.invite(() => undefined);
  using peer = await SipPeer.overTcp(zone.tcp);
  const call = new PeerCall(peer);
  call.invite();
  expect((await peer.response(480)).cseq.method).toBe('INVITE');
  expect(zone.engine.counters.unansweredRequests).toBe(0);
});

test('without an application for the method the caller gets 503, for an unknown dialog 481', async () => {
  await using zone = await startEngine();
  using peer = await SipPeer.overTcp(zone.tcp);
  new PeerCall(peer).send('MESSAGE');
  expect((await peer.response(503)).headers.get('Retry-After')).toBe('10');
  const call = new PeerCall(peer);
  call.send('BYE');
  expect((await peer.response(481)).cseq.method).toBe('BYE');
});

test('OPTIONS outside of dialogs is answered by the application with what it can', async () => {
  await using zone = await startEngine();
  zone.srf.use('options', (_req, res) => {
    res.send(200, 'OK', {
      headers: { Allow: 'INVITE, ACK, BYE', Accept: 'application/sdp', Supported: 'timer' },
    });
  });
  using peer = await SipPeer.overUdp(zone.udp);
  new PeerCall(peer).send('OPTIONS');
  const answer = await peer.response(200);
  expect(answer.headers.get('Allow')).toBe('INVITE, ACK, BYE');
  expect(answer.headers.get('Accept')).toBe('application/sdp');
  expect(answer.headers.get('Supported')).toBe('timer');
});

test('over IPv6 addresses are in brackets, for the application and in Contact', async () => {
  await using zone = await startEngine();
  const place = await zone.engine.listen('tcp', '::1', 0);
  const invited = nextRequest(zone, 'invite');
  using peer = await SipPeer.overTcp(place);
  const call = new PeerCall(peer);
  call.invite();
  const { req, res } = await invited;
  expect(req.source_address).toBe('[::1]');
  await zone.srf.createUAS(req, res, { localSdp: sdp });
  const answer = await peer.response(200);
  expect(answer.headers.get('Contact')).toBe(`<sip:[::1]:${place.port};transport=tcp>`);
});
