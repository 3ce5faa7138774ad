import { once } from 'node:events';
import { expect, test } from 'vitest';
import { answerCalls, endOf, nextRequest } from './app.ts';
import { connectApp, disconnectApp, startEngine } from './engine.ts';
import { PeerCall } from './PeerCall.ts';
import { SipPeer } from './SipPeer.ts';

test('when the application goes, its calls get BYE and its unanswered requests 503', async () => {
  await using zone = await startEngine();
  const calls = answerCalls(zone);
  using peer = await SipPeer.overTcp(zone.tcp);
  const established = new PeerCall(peer);
  await established.establish();
  await calls.next();
  zone.srf.use('options', () => disconnectApp(zone.srf));
  new PeerCall(peer).send('OPTIONS');
  expect((await peer.response(503)).cseq.method).toBe('OPTIONS');
  const bye = await peer.request('BYE');
  expect(bye.callId).toBe(established.callId);
  expect(bye.headers.get('Reason')).toContain('cause=503');
  await expect.poll(() => zone.engine.counters).toMatchObject({ dialogs: 0, unansweredRequests: 0 });
});

test('two applications take turns, and one that is left takes all', async () => {
  await using zone = await startEngine();
  const other = await connectApp(zone.engine);
  const turns: string[] = [];
  for (const [name, srf] of [
    ['one', zone.srf],
    ['other', other],
  ] as const) {
    srf.use('options', (_req, res) => {
      turns.push(name);
      res.send(200);
    });
  }
  using peer = await SipPeer.overTcp(zone.tcp);
  const ask = async (): Promise<void> => {
    new PeerCall(peer).send('OPTIONS');
    await peer.response(200);
  };
  await expect.poll(() => zone.engine.counters.applications).toBe(2);
  await ask();
  await ask();
  expect(turns.toSorted()).toEqual(['one', 'other']);
  disconnectApp(other);
  await expect.poll(() => zone.engine.counters.applications).toBe(1);
  await ask();
  await ask();
  expect(turns.slice(2)).toEqual(['one', 'one']);
});

test('a wrong secret is refused', async () => {
  await using zone = await startEngine();
  const { default: Srf } = await import('drachtio-srf');
  const srf = new Srf();
  srf.on('error', () => undefined);
  void srf.connect({ ...zone.engine.control, secret: 'cymru' });
  const [error] = (await once(srf, 'connect')) as [Error];
  expect(error.message).toContain('failed to authenticate');
  disconnectApp(srf);
});

test('a call whose connection is lost ends after the grace', async () => {
  await using zone = await startEngine({ limits: { flowGraceMs: 100 } });
  const calls = answerCalls(zone);
  const peer = await SipPeer.overTcp(zone.tcp);
  await new PeerCall(peer).establish();
  const reason = endOf(await calls.next());
  peer[Symbol.dispose]();
  expect(await reason).toBe('Flow lost');
  expect(zone.engine.counters.dialogs).toBe(0);
});

test('a caller that is lost while it rings has cancelled', async () => {
  await using zone = await startEngine();
  const invited = nextRequest(zone, 'invite');
  const peer = await SipPeer.overTcp(zone.tcp);
  new PeerCall(peer).invite();
  const { req, res } = await invited;
  res.send(180);
  await peer.response(180);
  const cancelled = once(req as unknown as NodeJS.EventEmitter, 'cancel');
  peer[Symbol.dispose]();
  await cancelled;
  expect(zone.engine.counters).toMatchObject({ dialogs: 0, unansweredRequests: 0 });
});

test('a peer that comes back on another connection within the grace keeps its call', async () => {
  await using zone = await startEngine({ limits: { flowGraceMs: 300 } });
  const calls = answerCalls(zone);
  const before = await SipPeer.overTcp(zone.tcp);
  const call = new PeerCall(before);
  await call.establish();
  const dialog = await calls.next();
  using after = await SipPeer.overTcp(zone.tcp);
  before[Symbol.dispose]();
  call.moveTo(after);
  call.send('INFO');
  await after.response(200);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(zone.engine.counters.dialogs).toBe(1);
  void dialog.destroy();
  expect((await after.request('BYE')).callId).toBe(call.callId);
});

test('closing the engine says goodbye to every peer and cuts the application off', async () => {
  const zone = await startEngine();
  const calls = answerCalls(zone);
  using peer = await SipPeer.overTcp(zone.tcp);
  await new PeerCall(peer).establish();
  const reason = endOf(await calls.next());
  await Promise.all([zone.engine.close('server-stopping'), zone.engine.close('twice')]);
  expect((await peer.request('BYE')).headers.get('Reason')).toBe('SIP;cause=503;text="server-stopping"');
  expect(await reason).toBe('server-stopping');
  await peer.whenClosed;
  await zone[Symbol.asyncDispose]();
});

test('an engine that nobody used closes too', async () => {
  const zone = await startEngine();
  await zone[Symbol.asyncDispose]();
  expect(zone.engine.closed).toBe(true);
});
