import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { SipRequest } from '#signaling/sip/stack/message/index.ts';
import { respond } from '../sip-engine/PeerCall.ts';
import type { SipPeer } from '../sip-engine/SipPeer.ts';
import {
  answer,
  dial,
  pickUp,
  startDialler,
  startFarEnd,
  story,
  type Dialled,
  type FarEnd,
} from './dialling.ts';
import type { TestEdge } from './edge.ts';

const file = (name: string): Buffer =>
  readFileSync(new URL(`../../fixtures/sip/tls/${name}`, import.meta.url));
const partner = { cert: file('partner.pem'), key: file('partner.key.pem') };
const peerCa = { ca: file('ca.pem') };
const tlsClient = (): { ca: Buffer } => peerCa;

interface Ringing extends AsyncDisposable, Dialled {
  readonly zone: TestEdge;
  readonly far: FarEnd;
  readonly peer: SipPeer;
  readonly invite: SipRequest;
}

/** A call that has reached its far end, which has not said anything yet. */
async function ring(options: Parameters<typeof dial>[2] = {}): Promise<Ringing> {
  const far = await startFarEnd(partner);
  const zone = await startDialler({ tlsClient });
  const dialled = dial(zone, `sips:bob@partner.example:${far.port}`, options);
  const peer = await far.connected();
  const stop = async (): Promise<void> => {
    await zone[Symbol.asyncDispose]();
    far[Symbol.dispose]();
  };
  return { zone, far, peer, invite: await peer.request('INVITE'), ...dialled, [Symbol.asyncDispose]: stop };
}

test('a call that is answered is acknowledged, known by what has answered, and ended with our reason', async () => {
  await using ringing = await ring();
  const { call, peer, invite, outcome, owner, endpoint } = ringing;
  respond(peer, invite, 180);
  respond(peer, invite, 200, { body: answer, headers: ['Server: Room/9.1 (secret)'] });
  await peer.request('ACK');
  expect(await outcome).toBe('answered');
  expect(endpoint.accepted).toHaveLength(1);
  expect(call.direction).toBe('out');
  expect(call.origin).toMatchObject({
    transport: 'tls',
    userAgent: 'Room/9.1 (secret)',
    signs: ['server=room'],
  });
  expect(call.origin.tls?.peerCertificate?.sipDomains).toContain('partner.example');
  const over = call.hangup({ cause: 'conference-ended' });
  const bye = await peer.request('BYE');
  respond(peer, bye, 200);
  await over;
  expect(bye.headers.get('Reason')).toBe('SIP;cause=200;text="The meeting has ended"');
  expect(owner.endings).toBe(1);
});

test.each([
  [486, 'busy', 'busy'],
  [600, 'busy', 'busy'],
  [603, 'forbidden', 'declined'],
  [403, 'forbidden', 'declined'],
  [404, 'not-found', 'not-found'],
  [488, 'not-acceptable', 'not-acceptable'],
  [480, 'timeout', 'no-answer'],
  [500, 'unreachable', 'unreachable'],
])('a far end that answers %i is acknowledged, and the call ends as %s, %s', async (status, code, cause) => {
  await using ringing = await ring();
  const { peer, invite, outcome, owner } = ringing;
  respond(peer, invite, 180);
  respond(peer, invite, status);
  expect(await outcome).toBe(code);
  expect((await owner.whenEnded).cause).toBe(cause);
  await peer.request('ACK');
  expect(owner.endings).toBe(1);
});

test.each([
  [302, ['Contact: <sips:elsewhere@other.example>'], 'unreachable'],
  [401, ['WWW-Authenticate: Digest realm="p", nonce="1", algorithm=MD5, qop="auth"'], 'forbidden'],
  [407, ['Proxy-Authenticate: Digest realm="p", nonce="1", algorithm=SHA-256'], 'forbidden'],
])(
  '%i is neither followed nor answered: nobody else is called, and no password is given',
  async (status, headers, code) => {
    await using ringing = await ring();
    const { peer, invite, outcome, far } = ringing;
    respond(peer, invite, status, { headers });
    expect(await outcome).toBe(code);
    await peer.request('ACK');
    await delay(50);
    expect(story(peer)).toEqual(['INVITE', 'ACK']);
    expect(far.peers).toHaveLength(1);
  },
);

test('a far end that only rings is cancelled after the limit, and that is no answer', async () => {
  await using ringing = await ring({ ringingMs: 150 });
  const { peer, invite, outcome, owner } = ringing;
  respond(peer, invite, 180);
  const cancel = await peer.request('CANCEL');
  expect(await outcome).toBe('timeout');
  expect((await owner.whenEnded).cause).toBe('no-answer');
  respond(peer, cancel, 200);
  respond(peer, invite, 487);
  await peer.request('ACK');
  expect(ringing.zone.zone.engine.counters.dialogs).toBe(0);
});

test('an answer that crosses the CANCEL is acknowledged and ended, and still is no answer', async () => {
  await using ringing = await ring({ ringingMs: 150 });
  const { peer, invite, outcome, owner, zone } = ringing;
  respond(peer, invite, 180);
  await peer.request('CANCEL');
  respond(peer, invite, 200, { body: answer });
  await peer.request('ACK');
  respond(peer, await peer.request('BYE'), 200);
  expect(await outcome).toBe('timeout');
  expect((await owner.whenEnded).cause).toBe('no-answer');
  await delay(20);
  expect(owner.endings).toBe(1);
  expect(story(peer)).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE']);
  expect(zone.zone.engine.counters.dialogs).toBe(0);
});

test('a far end that does not even ring is given up after the limit, and an answer that comes later is ended', async () => {
  await using ringing = await ring({ ringingMs: 100 });
  const { peer, invite, outcome } = ringing;
  expect(await outcome).toBe('timeout');
  // RFC 3261 §9.1: no CANCEL before a provisional response.
  expect(story(peer)).toEqual(['INVITE']);
  respond(peer, invite, 200, { body: answer });
  await peer.request('ACK');
  await peer.request('BYE');
});

test.each([
  ['hung up', ({ call }: Ringing) => void call.hangup({ cause: 'conference-ended' })],
  ['aborted', (_ringing: Ringing, stop: AbortController) => stop.abort()],
])('a call that is %s while it rings is cancelled at once', async (_how, giveUp) => {
  const stop = new AbortController();
  await using ringing = await ring({ signal: stop.signal });
  const { peer, invite, outcome, owner } = ringing;
  respond(peer, invite, 180);
  await delay(20);
  giveUp(ringing, stop);
  expect(await outcome).toBe('closed');
  const cancel = await peer.request('CANCEL');
  respond(peer, cancel, 200);
  respond(peer, invite, 487);
  await peer.request('ACK');
  expect(owner.endings).toBe(1);
});

test('a call that is given up before there is a connection never rings anywhere', async () => {
  using far = await startFarEnd(partner);
  await using zone = await startDialler({ tlsClient });
  const stop = new AbortController();
  const { outcome } = dial(zone, `sips:bob@partner.example:${far.port}`, { signal: stop.signal });
  stop.abort();
  expect(await outcome).toBe('closed');
  const before = dial(zone, `sips:bob@partner.example:${far.port}`, { signal: AbortSignal.abort() });
  expect(await before.outcome).toBe('closed');
  // Its INVITE may be under way already, and then its CANCEL follows the first sign of life.
  await delay(100);
  expect(far.peers.flatMap(story).filter((what) => what === 'INVITE').length).toBeLessThanOrEqual(1);
});

test('whoever keeps one signal for many calls keeps nothing of those that are over', async () => {
  using far = await startFarEnd(partner);
  await using zone = await startDialler({ tlsClient });
  const { signal } = new AbortController();
  const connected = far.connected();
  for (let count = 0; count < 12; count += 1) {
    const { outcome, call } = dial(zone, `sips:bob@partner.example:${far.port}`, { signal });
    const peer = await connected;
    if (count % 2 === 0) respond(peer, await peer.request('INVITE'), 486);
    else await pickUp(peer);
    expect(await outcome).toBe(count % 2 === 0 ? 'busy' : 'answered');
    void call.hangup({ cause: 'local-hangup' });
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('the description is found in an answer of several parts', async () => {
  await using ringing = await ring();
  const { peer, invite, outcome, endpoint } = ringing;
  const part = (type: string, body: string): string => `--b1\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
  const body = `${part('application/isup', 'x')}${part('application/sdp', answer)}--b1--\r\n`;
  const to = `${invite.headers.get('To') ?? ''};tag=peer`;
  peer.send(
    [
      'SIP/2.0 200 OK',
      ...invite.headers.all('Via').map((via) => `Via: ${via}`),
      `From: ${invite.headers.get('From') ?? ''}`,
      `To: ${to}`,
      `Call-ID: ${invite.callId}`,
      `CSeq: ${invite.headers.get('CSeq') ?? ''}`,
      `Contact: <sip:peer@${peer.wire.local}>`,
      'Content-Type: multipart/mixed;boundary="b1"',
    ],
    body,
  );
  expect(await outcome).toBe('answered');
  expect(endpoint.accepted[0]?.audio.codecs.map(({ name }) => name)).toEqual(['G722']);
});

test.each([
  ['no description', ''],
  ['one that cannot be read', 'v=0\r\nnonsense'],
])('an answer with %s is acknowledged and ended', async (_what, body) => {
  await using ringing = await ring();
  const { peer, invite, outcome, owner } = ringing;
  respond(peer, invite, 200, { body });
  await peer.request('ACK');
  respond(peer, await peer.request('BYE'), 200);
  expect(await outcome).toBe('bad-description');
  expect((await owner.whenEnded).cause).toBe('bad-request');
});

test('a far end that hangs up ends the call as one of ours', async () => {
  await using ringing = await ring();
  const { peer, invite, outcome, owner } = ringing;
  respond(peer, invite, 200, { body: answer });
  const ack = await peer.request('ACK');
  expect(await outcome).toBe('answered');
  peer.send([
    `BYE ${/<([^>]+)>/.exec(invite.headers.get('Contact') ?? '')?.[1] ?? ''} SIP/2.0`,
    `Via: SIP/2.0/TLS ${peer.wire.local};branch=z9hG4bKbye`,
    'Max-Forwards: 70',
    `From: ${ack.headers.get('To') ?? ''}`,
    `To: ${ack.headers.get('From') ?? ''}`,
    `Call-ID: ${invite.callId}`,
    'CSeq: 1 BYE',
  ]);
  await peer.response(200);
  expect((await owner.whenEnded).cause).toBe('remote-hangup');
});
