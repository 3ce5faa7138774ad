import { expect, test } from 'vitest';
import { answerCalls, endOf, type AppDialog } from './app.ts';
import { startEngine, type TestEngine } from './engine.ts';
import { PeerCall, respond, sdp } from './PeerCall.ts';
import { SipPeer } from './SipPeer.ts';

interface Established extends Disposable {
  readonly peer: SipPeer;
  readonly call: PeerCall;
  readonly dialog: AppDialog;
}

/** A call of a peer over TCP that the application has answered. */
async function establish(zone: TestEngine, headers: readonly string[] = []): Promise<Established> {
  const calls = answerCalls(zone);
  const peer = await SipPeer.overTcp(zone.tcp);
  const call = new PeerCall(peer);
  await call.establish({ headers });
  const dialog = await calls.next();
  return { peer, call, dialog, [Symbol.dispose]: () => peer[Symbol.dispose]() };
}

test("the peer's re-INVITE is answered by the application, and moves the remote target with its 2xx", async () => {
  await using zone = await startEngine();
  using established = await establish(zone);
  const { peer, call, dialog } = established;
  dialog.on('modify', (_req, res) => res.send(200, { body: sdp.replace('4000', '4004') }));
  call.invite();
  const answer = await peer.response(200);
  expect(answer.body.toString()).toContain('m=audio 4004');
  expect(answer.headers.has('Contact')).toBe(true);
  call.send('ACK');
  void dialog.destroy();
  const bye = await peer.request('BYE');
  expect(bye.uri).toBe(`sip:peer@${peer.wire.local}`);
  expect(bye.cseq.number).toBe(1);
  respond(peer, bye, 200);
  await expect.poll(() => zone.engine.counters.dialogs).toBe(0);
});

test("the application's re-INVITE waits for the ACK of its answer, is acknowledged, and BYE ends the call", async () => {
  await using zone = await startEngine();
  const calls = answerCalls(zone);
  using peer = await SipPeer.overTcp(zone.tcp);
  const call = new PeerCall(peer);
  call.invite();
  const dialog = await calls.next();
  const renegotiated = dialog.modify(sdp.replace('4000', '4006'));
  call.follow(await peer.response(200));
  expect(peer.seen.map((message) => message.kind)).not.toContain('request');
  call.send('ACK');
  const invite = await peer.request('INVITE');
  expect(invite.body.toString()).toContain('m=audio 4006');
  respond(peer, invite, 200, { body: sdp.replace('4000', '4008') });
  expect((await peer.request('ACK')).cseq.number).toBe(invite.cseq.number);
  expect(await renegotiated).toContain('m=audio 4008');

  const ended = dialog.destroy({ headers: { Reason: 'SIP;cause=503;text="Draining"' } });
  const bye = await peer.request('BYE');
  expect(bye.headers.get('Reason')).toBe('SIP;cause=503;text="Draining"');
  expect(bye.cseq.number).toBe(invite.cseq.number + 1);
  respond(peer, bye, 200);
  await ended;
});

test('re-INVITEs that meet are refused with 491 on either side, and both may try again', async () => {
  await using zone = await startEngine();
  using established = await establish(zone);
  const { peer, call, dialog } = established;
  const ours = dialog.request({ method: 'INVITE', body: sdp });
  const invite = await peer.request('INVITE');
  call.invite();
  expect((await peer.response(491)).cseq.number).toBe(call.sequence);
  respond(peer, invite, 491);
  expect((await ours).status).toBe(491);
  expect((await peer.request('ACK')).cseq.number).toBe(invite.cseq.number);

  const held = Promise.withResolvers<{ send(status: number, options: object): void }>();
  dialog.on('modify', (_req, res) => held.resolve(res));
  call.invite();
  const response = await held.promise;
  expect((await dialog.request({ method: 'INVITE', body: sdp })).status).toBe(491);
  response.send(200, { body: sdp });
  expect((await peer.response(200)).cseq.number).toBe(call.sequence);
  const invites = peer.seen.filter((message) => message.kind === 'request' && message.method === 'INVITE');
  expect(invites).toHaveLength(1);
});

test('a second re-INVITE of the peer before the answer to his first gets 500 with Retry-After', async () => {
  await using zone = await startEngine();
  using established = await establish(zone);
  const { peer, call, dialog } = established;
  const held = Promise.withResolvers<{ send(status: number, options: object): void }>();
  dialog.on('modify', (_req, res) => held.resolve(res));
  call.invite();
  const response = await held.promise;
  call.invite();
  const refused = await peer.response(500);
  expect(refused.cseq.number).toBe(call.sequence);
  expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(10);
  response.send(200, { body: sdp });
  expect((await peer.response(200)).cseq.number).toBe(call.sequence - 1);
});

test('a request that was overtaken gets 500 and does not reach the application', async () => {
  await using zone = await startEngine();
  using established = await establish(zone);
  const { peer, call, dialog } = established;
  const infos: unknown[] = [];
  dialog.on('info', (req, res) => {
    infos.push(req);
    res.send(200);
  });
  call.send('INFO', { sequence: 7 });
  await peer.response(200);
  call.send('INFO', { sequence: 6 });
  expect((await peer.response(500)).reason).toBe('CSeq Out Of Order');
  expect(infos).toHaveLength(1);
});

test('INFO and OPTIONS pass in both directions of a call', async () => {
  await using zone = await startEngine();
  using established = await establish(zone);
  const { peer, call, dialog } = established;
  dialog.on('info', (req, res) => res.send(req.get('X-Digit') === '5' ? 200 : 400));
  call.send('INFO', { headers: ['X-Digit: 5'] });
  expect((await peer.response(200)).cseq.method).toBe('INFO');
  call.send('OPTIONS');
  expect((await peer.response(200)).cseq.method).toBe('OPTIONS');
  const asked = dialog.request({ method: 'OPTIONS' });
  respond(peer, await peer.request('OPTIONS'), 200, { headers: ['Allow: INVITE'] });
  expect((await asked).get('Allow')).toBe('INVITE');
});

test.each([
  ['INVITE', 481, 'Dialog unknown to peer', false],
  ['INVITE', 408, 'No answer in dialog', true],
  ['UPDATE', 481, 'Dialog unknown to peer', false],
])('%s answered with %i ends the call: %s', async (method, status, reason, bye) => {
  await using zone = await startEngine();
  using established = await establish(zone);
  const { peer, dialog } = established;
  const ended = endOf(dialog);
  const asked = dialog.request({ method, body: sdp });
  respond(peer, await peer.request(method), status);
  expect((await asked).status).toBe(status);
  expect(await ended).toBe(reason);
  expect(zone.engine.counters.dialogs).toBe(0);
  if (bye) expect((await peer.request('BYE')).headers.get('Reason')).toContain(`cause=${status}`);
});

test('a session that the caller does not refresh ends', async () => {
  await using zone = await startEngine({ limits: { minSessionSeconds: 1 } });
  using lapsing = await establish(zone, ['Session-Expires: 1;refresher=uac', 'Supported: timer']);
  const answer = lapsing.peer.seen.find((message) => message.kind === 'response' && message.status === 200);
  expect(answer?.headers.get('Session-Expires')).toBe('1;refresher=uac');
  expect(answer?.headers.get('Require')).toBe('timer');
  expect(await endOf(lapsing.dialog)).toBe('Session timer expired');
  expect((await lapsing.peer.request('BYE')).headers.get('Reason')).toContain('Session timer expired');
});

test('a session that is ours to refresh is refreshed with the description in force', async () => {
  await using zone = await startEngine({ limits: { minSessionSeconds: 1 } });
  using kept = await establish(zone, ['Session-Expires: 1;refresher=uas', 'Supported: timer']);
  for (const turn of [1, 2]) {
    const refresh = await kept.peer.request('INVITE');
    expect(refresh.body.toString()).toBe(sdp);
    expect(refresh.headers.get('Session-Expires')).toBe('1;refresher=uac');
    expect(refresh.cseq.number).toBe(turn);
    respond(kept.peer, refresh, 200, { body: sdp, headers: ['Session-Expires: 1;refresher=uac'] });
    expect((await kept.peer.request('ACK')).cseq.number).toBe(turn);
  }
});

test('an interval that is too short is refused with 422 and the shortest one', async () => {
  await using zone = await startEngine();
  answerCalls(zone);
  using peer = await SipPeer.overTcp(zone.tcp);
  new PeerCall(peer).invite({ headers: ['Session-Expires: 60', 'Supported: timer'] });
  expect((await peer.response(422)).headers.get('Min-SE')).toBe('90');
});

test('a method in disguise gets 501 in a call, and is not taken for what drachtio-srf would read', async () => {
  await using zone = await startEngine();
  using established = await establish(zone);
  const { peer, call, dialog } = established;
  let destroyed = false;
  dialog.on('destroy', () => (destroyed = true));
  call.send('BY%45');
  expect((await peer.response(501)).headers.get('Allow')).toContain('BYE');
  call.send('OPTIONS');
  await peer.response(200);
  expect(destroyed).toBe(false);
});
