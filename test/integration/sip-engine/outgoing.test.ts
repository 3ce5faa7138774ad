import { once } from 'node:events';
import { createServer } from 'node:net';
import type { SrfRequest, SrfResponse } from 'drachtio-srf';
import { expect, test } from 'vitest';
import { endOf, type AppDialog } from './app.ts';
import { partnerServer, startEngine, type TestEngine } from './engine.ts';
import { respond, sdp } from './PeerCall.ts';
import { SipPeer } from './SipPeer.ts';

const hasty = { t1Ms: 20, t2Ms: 160, t4Ms: 200 };

interface Dialled {
  readonly answered: Promise<AppDialog>;
  /** The request as it was sent. */
  readonly sent: Promise<SrfRequest>;
}

function dial(zone: TestEngine, uri: string, options: object = {}): Dialled {
  const sent = Promise.withResolvers<SrfRequest>();
  const cbRequest = (error: unknown, req: SrfRequest): void => {
    if (error instanceof Error) sent.reject(error);
    else sent.resolve(req);
  };
  const answered = zone.srf.createUAC(uri, { localSdp: sdp, ...options }, {
    cbRequest,
  } as never) as unknown as Promise<AppDialog>;
  for (const promise of [answered, sent.promise]) promise.catch(() => undefined);
  return { answered, sent: sent.promise };
}

/** A phone over UDP that is called. */
async function phone(zone: TestEngine): Promise<{ peer: SipPeer; uri: string } & Disposable> {
  const peer = await SipPeer.overUdp(zone.udp);
  return { peer, uri: `sip:phone@${peer.wire.local}`, [Symbol.dispose]: () => peer[Symbol.dispose]() };
}

test('a call goes out, is answered, acknowledged once for each 2xx, and ended by the callee', async () => {
  await using zone = await startEngine({ contactParameters: 'isfocus', userAgent: 'a zone' });
  using callee = await phone(zone);
  const { peer } = callee;
  const { answered, sent } = dial(zone, callee.uri, { headers: { From: '"Ann" <sip:ann@zone.example>' } });
  const invite = await peer.request('INVITE');
  expect((await sent).get('Call-ID')).toBe(invite.callId);
  expect(invite.from).toMatchObject({ displayName: 'Ann', uri: 'sip:ann@zone.example' });
  expect(invite.headers.get('Contact')).toBe(`<sip:127.0.0.1:${zone.udp.port}>;isfocus`);
  expect(invite.headers.get('User-Agent')).toBe('a zone');
  expect(invite.headers.get('Content-Type')).toBe('application/sdp');
  respond(peer, invite, 180);
  respond(peer, invite, 200, { body: sdp });
  const ack = await peer.request('ACK');
  expect(ack.uri).toBe(`sip:peer@${peer.wire.local}`);
  respond(peer, invite, 200, { body: sdp });
  expect((await peer.request('ACK')).headers.get('CSeq')).toBe(ack.headers.get('CSeq'));

  const dialog = await answered;
  const ended = endOf(dialog);
  peer.send([
    `BYE sip:x SIP/2.0`,
    `Via: SIP/2.0/UDP ${peer.wire.local};branch=z9hG4bKbye`,
    `From: ${ack.headers.get('To') ?? ''}`,
    `To: ${ack.headers.get('From') ?? ''}`,
    `Call-ID: ${invite.callId}`,
    'CSeq: 1 BYE',
  ]);
  expect(await ended).toBe('normal release');
  await peer.response(200);
  expect(zone.engine.counters.dialogs).toBe(0);
});

test("the application's own Contact goes out, with our address for localhost", async () => {
  await using zone = await startEngine();
  using callee = await phone(zone);
  dial(zone, callee.uri, { headers: { Contact: '<sip:room@localhost>;isfocus' } });
  const invite = await callee.peer.request('INVITE');
  expect(invite.headers.get('Contact')).toBe(`<sip:room@127.0.0.1:${zone.udp.port}>;isfocus`);
});

test('a refusal is acknowledged by the engine and told to the application', async () => {
  await using zone = await startEngine();
  using callee = await phone(zone);
  const { answered } = dial(zone, callee.uri);
  const invite = await callee.peer.request('INVITE');
  respond(callee.peer, invite, 486);
  const ack = await callee.peer.request('ACK');
  expect(ack.via.parameters.get('branch')).toBe(invite.via.parameters.get('branch'));
  await expect(answered).rejects.toMatchObject({ status: 486 });
});

test('a second callee who answers the same call is acknowledged and told goodbye', async () => {
  await using zone = await startEngine();
  using callee = await phone(zone);
  const { answered } = dial(zone, callee.uri);
  const invite = await callee.peer.request('INVITE');
  const to = invite.headers.get('To') ?? '';
  respond(callee.peer, invite, 200, { body: sdp });
  await callee.peer.request('ACK');
  await answered;
  respond(callee.peer, invite, 200, { body: sdp, headers: [`To: ${to};tag=other`] });
  expect((await callee.peer.request('ACK')).to.parameters.get('tag')).toBe('other');
  expect((await callee.peer.request('BYE')).to.parameters.get('tag')).toBe('other');
  expect(zone.engine.counters.dialogs).toBe(1);
});

test('a call that is cancelled while it rings ends with 487', async () => {
  await using zone = await startEngine();
  using callee = await phone(zone);
  const { answered, sent } = dial(zone, callee.uri);
  const invite = await callee.peer.request('INVITE');
  const request = (await sent) as unknown as { cancel(options: object): void };
  request.cancel({ headers: { Reason: 'SIP;cause=200;text="Call completed elsewhere"' } });
  respond(callee.peer, invite, 180);
  const cancel = await callee.peer.request('CANCEL');
  expect(cancel.headers.get('Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
  expect(cancel.headers.get('Via')).toBe(invite.headers.get('Via'));
  respond(callee.peer, cancel, 200);
  respond(callee.peer, invite, 487);
  await expect(answered).rejects.toMatchObject({ status: 487 });
});

test('an answer that crosses the cancel is acknowledged and ended', async () => {
  await using zone = await startEngine();
  using callee = await phone(zone);
  const { answered, sent } = dial(zone, callee.uri);
  const invite = await callee.peer.request('INVITE');
  respond(callee.peer, invite, 180);
  const request = (await sent) as unknown as { cancel(): void };
  request.cancel();
  await callee.peer.request('CANCEL');
  respond(callee.peer, invite, 200, { body: sdp });
  expect(await endOf(await answered)).toBe('ACK-BYE due to cancel race condition');
  await callee.peer.request('ACK');
  await callee.peer.request('BYE');
});

test('a callee who never answers is 408, one who refuses the connection an error', async () => {
  await using zone = await startEngine({ timings: hasty });
  using callee = await phone(zone);
  await expect(dial(zone, callee.uri).answered).rejects.toMatchObject({ status: 408 });
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const address = closed.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  closed.close();
  const refused = dial(zone, `sip:nobody@127.0.0.1:${port};transport=tcp`);
  await expect(refused.answered).rejects.toThrow('no address of the next hop can be reached');
});

test('a connection that breaks before the answer is 503', async () => {
  await using zone = await startEngine();
  using server = await partnerServer();
  const connected = server.connected();
  const { answered } = dial(zone, `sips:room@partner.example:${server.port}`);
  const peer = await connected;
  await peer.request('INVITE');
  peer[Symbol.dispose]();
  await expect(answered).rejects.toMatchObject({ status: 503 });
});

test('a challenged call is repeated with credentials on the connection that was challenged', async () => {
  await using zone = await startEngine();
  using server = await partnerServer();
  const connected = server.connected();
  const auth = { username: 'ann', password: 'secret' };
  const { answered } = dial(zone, `sips:room@partner.example:${server.port}`, { auth });
  const peer = await connected;
  const first = await peer.request('INVITE');
  expect(first.headers.get('Contact')).toMatch(/^<sips:/);
  const challenges = ['SHA-256', 'MD5'].map(
    (algorithm) => `WWW-Authenticate: Digest realm="partner", nonce="${algorithm}", algorithm=${algorithm}`,
  );
  respond(peer, first, 401, { headers: challenges });
  await peer.request('ACK');
  const second = await peer.request('INVITE');
  expect(second.callId).toBe(first.callId);
  expect(second.cseq.number).toBe(first.cseq.number + 1);
  expect(second.from.parameters.get('tag')).toBe(first.from.parameters.get('tag'));
  expect(second.headers.get('Authorization')).toContain('nonce="MD5"');
  respond(peer, second, 200, { body: sdp });
  const ack = await peer.request('ACK');
  expect(ack.headers.get('Authorization')).toBe(second.headers.get('Authorization'));
  await answered;
  expect(server.peers).toHaveLength(1);
});

test('what the engine cannot send is an error with its reason', async () => {
  await using zone = await startEngine();
  const send = (options: object): Promise<unknown> =>
    (zone.srf.request as unknown as (options: object) => Promise<unknown>).call(zone.srf, options);
  await expect(send({ uri: 'sip:a@127.0.0.1:1', method: 'MESSAGE', body: 'hello' })).rejects.toThrow(
    'missing content-type',
  );
  await expect(send({ uri: 'tel:+123', method: 'OPTIONS' })).rejects.toThrow('gateway');
});

test('an OPTIONS of the application is answered by the peer', async () => {
  await using zone = await startEngine();
  using callee = await phone(zone);
  const request = (await (zone.srf.request as unknown as (options: object) => Promise<SrfRequest>).call(
    zone.srf,
    {
      uri: callee.uri,
      method: 'OPTIONS',
    },
  )) as unknown as NodeJS.EventEmitter;
  const answered = once(request, 'response') as Promise<[SrfResponse]>;
  const options = await callee.peer.request('OPTIONS');
  expect(options.headers.has('Contact')).toBe(false);
  respond(callee.peer, options, 200);
  expect((await answered)[0].status).toBe(200);
});

test('a call of the engine to itself is two dialogs that do not mix', async () => {
  await using zone = await startEngine();
  const inside = Promise.withResolvers<AppDialog>();
  zone.srf.invite((req, res) => {
    const dialog = zone.srf.createUAS(req, res, { localSdp: sdp }) as unknown as Promise<AppDialog>;
    dialog.then(inside.resolve, inside.reject);
  });
  const caller = await dial(zone, `sip:room@127.0.0.1:${zone.tcp.port};transport=tcp`).answered;
  const callee = await inside.promise;
  expect(caller.id).not.toBe(callee.id);
  const ended = endOf(callee);
  await caller.destroy();
  expect(await ended).toBe('normal release');
  await expect.poll(() => zone.engine.counters.dialogs).toBe(0);
});

test('when the application goes while it dials, the call is cancelled', async () => {
  await using zone = await startEngine();
  using callee = await phone(zone);
  dial(zone, callee.uri);
  const invite = await callee.peer.request('INVITE');
  respond(callee.peer, invite, 180);
  zone.srf.disconnect();
  await expect.poll(() => zone.engine.counters.applications).toBe(0);
  await callee.peer.request('CANCEL');
  respond(callee.peer, invite, 200, { body: sdp });
  await callee.peer.request('ACK');
  await callee.peer.request('BYE');
  await expect.poll(() => zone.engine.counters.dialogs).toBe(0);
});
