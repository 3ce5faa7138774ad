import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { DialRequest } from '#signaling/dial.ts';
import { respond } from '../sip-engine/PeerCall.ts';
import type { SipPeer } from '../sip-engine/SipPeer.ts';
import { strange, type FarEndView } from './allowList.ts';
import { answer, dial, startDialler, startFarEnd, story, type Dialled, type FarEnd } from './dialling.ts';
import { establish, TestEndpoint, TestOwner, type TestEdge } from './edge.ts';
import { Phone, phoneSdp } from './Phone.ts';

const file = (name: string): Buffer =>
  readFileSync(new URL(`../../fixtures/sip/tls/${name}`, import.meta.url));

interface Stage extends AsyncDisposable {
  readonly zone: TestEdge;
  readonly far: FarEnd;
}

async function startStage(): Promise<Stage> {
  const far = await startFarEnd({ cert: file('partner.pem'), key: file('partner.key.pem') });
  const tlsClient = { ca: file('ca.pem') };
  const zone = await startDialler({
    tlsClient: () => tlsClient,
    sentBy: { tls: 'zone.example:5061' },
  });
  const stop = async (): Promise<void> => {
    await zone[Symbol.asyncDispose]();
    far[Symbol.dispose]();
  };
  return { zone, far, [Symbol.asyncDispose]: stop };
}

/** All that came to a far end and is not on the list. */
function strangeness(peer: SipPeer, view: FarEndView): readonly string[] {
  return peer.seen.flatMap((message) => strange(message, view));
}

/** Of the phone of these tests, which calls the zone. */
function callerView(zone: TestEdge): FarEndView {
  return {
    place: `127.0.0.1:${zone.zone.tls.port}`,
    zone: '<sip:room@zone.example>',
    far: '"Ann" <sip:ann@phone.example;x=1>',
    callId: /^[0-9a-f]{12}@phone$/,
    user: 'Room',
  };
}

test('a caller is told what the list allows and nothing else: answers, requests in the dialog, goodbye', async () => {
  await using stage = await startStage();
  const { zone } = stage;
  using peer = await zone.tlsPeer();
  const phone = new Phone(peer, { isFocus: true });
  const { call, endpoint } = await establish(zone, phone);
  phone.respond(await peer.request('SUBSCRIBE'), 489);
  await phone.invite(200);
  await phone.ask('UPDATE', 200, { body: phoneSdp() });
  await phone.ask('INFO', 200, { contentType: 'application/dtmf', body: '5' });
  await phone.ask('INFO', 415, { contentType: 'application/x-secret', body: '5' });
  await phone.ask('INFO', 469, { headers: ['Info-Package: secret'] });
  await phone.ask('SUBSCRIBE', 489, { headers: ['Event: conference'] });
  await phone.ask('REFER', 405, { headers: ['Refer-To: <sip:bob@secret.example>'] });
  call.requestKeyFrame?.();
  phone.respond(await peer.request('INFO'), 200);
  const offered = call.reoffer(endpoint);
  phone.respond(await peer.request('INVITE'), 200, phoneSdp());
  await offered;
  const over = call.hangup({ cause: 'policy-ended', detail: 'window of secret' });
  phone.respond(await peer.request('BYE'), 200);
  await over;
  expect(strangeness(peer, callerView(zone))).toEqual([]);
  expect(story(peer)).toEqual(
    expect.arrayContaining([100, 200, 'SUBSCRIBE', 'INFO', 'INVITE', 'ACK', 'BYE', 415, 469, 489, 405]),
  );
});

test.each([
  ['forbidden', 404],
  ['not-found', 404],
  ['lobby-timeout', 480],
  ['busy', 486],
  ['not-acceptable', 488],
  ['failed', 500],
  ['no-capacity', 503],
  ['zone-draining', 503],
] as const)('who is refused because of %s is told %i and a constant sentence', async (cause, status) => {
  await using stage = await startStage();
  using peer = await stage.zone.tlsPeer();
  const refused = new Phone(peer).invite(status);
  await (await stage.zone.nextCall()).refuse({ cause, detail: 'policy secret of agreement 4711' });
  await refused;
  expect(strangeness(peer, callerView(stage.zone))).toEqual([]);
});

test('a caller who gives up is told no more either', async () => {
  await using stage = await startStage();
  using peer = await stage.zone.tlsPeer();
  const phone = new Phone(peer);
  phone.send('INVITE', { body: phoneSdp() });
  await stage.zone.nextCall();
  phone.send('CANCEL', { sequence: 1 });
  await peer.response(487);
  expect(strangeness(peer, callerView(stage.zone))).toEqual([]);
  expect(story(peer)).toEqual(expect.arrayContaining([100, 200, 487]));
});

interface Answered extends Dialled {
  readonly peer: SipPeer;
  readonly view: FarEndView;
}

async function dialFar({ zone, far }: Stage, request: Partial<DialRequest> = {}): Promise<Answered> {
  const uri = `sips:bob@partner.example:${far.port}`;
  const dialled = dial(zone, uri, request);
  const view = {
    place: 'zone.example:5061',
    zone:
      request.anonymous === true
        ? '"Anonymous" <sip:anonymous@anonymous.invalid>'
        : '"Meeting" <sip:room@zone.example>',
    far: `<${uri}>`,
    callId: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    user: '',
  };
  return { ...dialled, view, peer: await far.connected() };
}

test.each([false, true])(
  'who is called learns what the list allows and nothing else (anonymous: %s)',
  async (anonymous) => {
    await using stage = await startStage();
    const { call, peer, view, outcome, endpoint } = await dialFar(stage, { anonymous });
    respond(peer, await peer.request('INVITE'), 200, { body: answer });
    await outcome;
    call.requestKeyFrame?.();
    respond(peer, await peer.request('INFO'), 200);
    const offered = call.reoffer(endpoint);
    respond(peer, await peer.request('INVITE'), 200, { body: answer });
    await offered;
    const over = call.hangup({ cause: 'removed', detail: 'by secret' });
    respond(peer, await peer.request('BYE'), 200);
    await over;
    expect(strangeness(peer, view)).toEqual([]);
    expect(story(peer)).toEqual(['INVITE', 'ACK', 'INFO', 'INVITE', 'ACK', 'BYE']);
    const [invite] = peer.seen;
    expect(invite?.headers.get('Privacy')).toBe(anonymous ? 'id' : undefined);
    expect(peer.seen.some(({ headers }) => headers.get('From')?.includes('Meeting') === anonymous)).toBe(
      false,
    );
  },
);

test('who refuses, or rings for too long, learns no more either', async () => {
  await using stage = await startStage();
  const refusing = await dialFar(stage);
  const { peer, view } = refusing;
  respond(peer, await peer.request('INVITE'), 603);
  expect(await refusing.outcome).toBe('forbidden');
  await peer.request('ACK');
  const ringing = dial(stage.zone, `sips:bob@partner.example:${stage.far.port}`, { ringingMs: 50 });
  const invite = await peer.request('INVITE');
  respond(peer, invite, 180);
  respond(peer, await peer.request('CANCEL'), 200);
  respond(peer, invite, 487);
  await ringing.outcome;
  await peer.request('ACK');
  expect(strangeness(peer, view)).toEqual([]);
  expect(story(peer)).toEqual(['INVITE', 'ACK', 'INVITE', 'CANCEL', 'ACK']);
});

/** Whatever a far end can write its name into. */
class Markers {
  readonly planted: string[] = [];

  make(): string {
    const marker = `mk${randomBytes(6).toString('hex')}`;
    this.planted.push(marker);
    return marker;
  }

  /** Header fields that other servers are known to pass on. */
  headers(): readonly string[] {
    const uri = (): string => `"${this.make()}" <sip:${this.make()}@${this.make()}.example>`;
    return [
      ...[
        'P-Asserted-Identity',
        'P-Preferred-Identity',
        'Remote-Party-ID',
        'Diversion',
        'History-Info',
        'Referred-By',
        'Reply-To',
      ].map((name) => `${name}: ${uri()}`),
      ...[
        'Subject',
        'Organization',
        'X-Custom',
        'Call-Info',
        'Alert-Info',
        'In-Reply-To',
        'Session-ID',
        'P-Charging-Vector',
        'User-to-User',
        'Geolocation',
      ].map((name) => `${name}: ${this.make()}`),
    ];
  }

  sdp(codecs: string): string {
    return phoneSdp({
      codecs,
      more: [`a=tool:${this.make()}`, `a=ssrc:4711 cname:${this.make()}`, `a=label:${this.make()}`],
    })
      .replace('o=- 1', `o=${this.make()} 1`)
      .replace(
        's=-',
        `s=${this.make()}\r\ni=${this.make()}\r\nu=http://${this.make()}.example/\r\ne=${this.make()}@a.example`,
      );
  }

  foundIn(peer: SipPeer): readonly string[] {
    const all = peer.seen.map((message) => message.toBuffer().toString().toLowerCase()).join('\n');
    return this.planted.filter((marker) => all.includes(marker));
  }
}

test('nothing that one leg has said is in what the far end of another receives, either way', async () => {
  await using stage = await startStage();
  const { zone } = stage;
  const [ofCaller, ofCalled] = [new Markers(), new Markers()];
  using caller = await zone.tlsPeer();
  const phone = new Phone(caller, {
    from: `"${ofCaller.make()}" <sip:${ofCaller.make()}@${ofCaller.make()}.example>`,
  });
  const invited = phone.invite(200, { body: ofCaller.sdp('9 0 101'), headers: ofCaller.headers() });
  const call = await zone.nextCall();
  await Promise.all([call.admit(new TestEndpoint(call.offer), new TestOwner()), invited]);

  const { peer, outcome, call: out } = await dialFar(stage);
  const headers = [
    ...ofCalled.headers(),
    `Server: ${ofCalled.make()}`,
    `Warning: 399 ${ofCalled.make()} "${ofCalled.make()}"`,
  ];
  const invite = await peer.request('INVITE');
  respond(peer, invite, 180, { headers });
  respond(peer, invite, 200, { headers, body: ofCalled.sdp('9 101') });
  expect(await outcome).toBe('answered');
  await phone.ask('INFO', 200, { contentType: 'application/dtmf', body: '5', headers: ofCaller.headers() });
  await phone.invite(200, { body: ofCaller.sdp('9 0 101'), headers: ofCaller.headers() });
  const goodbyes = [call.hangup({ cause: 'conference-ended' }), out.hangup({ cause: 'conference-ended' })];
  phone.respond(await caller.request('BYE'), 200);
  respond(peer, await peer.request('BYE'), 200);
  await Promise.all(goodbyes);

  expect(ofCaller.planted.length).toBeGreaterThan(100);
  expect(ofCaller.foundIn(peer)).toEqual([]);
  expect(ofCalled.foundIn(caller)).toEqual([]);
  // Its own From comes back to the caller and nothing else of what it said.
  expect(ofCaller.foundIn(caller)).toEqual(ofCaller.planted.slice(0, 3));
  expect(ofCalled.foundIn(peer)).toEqual([]);
  expect(new Set([...caller.seen, ...peer.seen].map(({ callId }) => callId)).size).toBe(2);
});

test('an identity that a caller asserts is not believed (RFC 3325 §5)', async () => {
  await using stage = await startStage();
  using peer = await stage.zone.tlsPeer();
  new Phone(peer).send('INVITE', {
    body: phoneSdp(),
    headers: [
      'P-Asserted-Identity: "The Boss" <sip:boss@zone.example>',
      'Remote-Party-ID: <sip:boss@zone.example>',
    ],
  });
  const { displayName, origin } = await stage.zone.nextCall();
  expect({ displayName, uri: origin.uri }).toEqual({ displayName: 'Ann', uri: 'sip:ann@phone.example' });
});

test.each([
  ['id', true],
  ['user;id', true],
  ['header; session ;critical', true],
  ['something-new', true],
  ['none', false],
  ['critical', false],
  [undefined, false],
])('a caller who sends Privacy %s is kept from others: %s (RFC 3323 §4.2)', async (value, expected) => {
  await using stage = await startStage();
  using peer = await stage.zone.tlsPeer();
  const headers = value === undefined ? [] : [`Privacy: ${value}`];
  new Phone(peer).send('INVITE', { body: phoneSdp(), headers });
  expect((await stage.zone.nextCall()).origin.wantsPrivacy).toBe(expected);
});
