import { expect, test } from 'vitest';
import { termination, terminationCauses, terminationTexts } from '#kernel/index.ts';
import type { SipResponse } from '#signaling/sip/stack/message/index.ts';
import { tlsInfo } from '../sip-engine/engine.ts';
import { startEdge, TestEndpoint, TestOwner } from './edge.ts';
import { key, Phone, phoneSdp } from './Phone.ts';

/** Header fields that a response shows besides those that belong to its request. */
function shown(response: SipResponse): string[] {
  const ofTheRequest = new Set(['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Content-Length']);
  return [...response.headers].map(([name]) => name).filter((name) => !ofTheRequest.has(name));
}

test('an INVITE over TLS becomes a call for the room, with who calls and how', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  new Phone(peer).send('INVITE', { body: phoneSdp() });

  const call = await zone.nextCall();
  expect(call).toMatchObject({ protocol: 'sip', room: 'room', displayName: 'Ann', ended: false });
  expect(call.origin).toEqual({
    transport: 'tls',
    remoteAddress: '127.0.0.1',
    remotePort: Number(peer.wire.local.split(':')[1]),
    tls: tlsInfo,
    userAgent: 'Phone 1.2',
    uri: 'sip:ann@phone.example',
    signs: ['user-agent=phone'],
    wantsPrivacy: false,
  });
  expect(call.offer?.audio.codecs.map(({ name }) => name)).toEqual(['G722', 'PCMU']);
  expect(call.offer?.audio.security).toMatchObject({ kind: 'sdes', keys: [{ tag: 1, key }] });
});

test('an admitted call is answered with our description, and nothing but what every zone shows', async () => {
  await using zone = await startEdge();
  using peer = await zone.tlsPeer();
  const answered = new Phone(peer).invite(200);
  const call = await zone.nextCall();
  await call.admit(new TestEndpoint(call.offer), new TestOwner());

  const answer = await answered;
  expect(shown(answer).sort()).toEqual(['Allow', 'Contact', 'Content-Type', 'Server', 'Supported']);
  expect(answer.headers.get('Server')).toBe('zonebridge');
  expect(answer.headers.get('Contact')).toBe(
    `<sip:Room@127.0.0.1:${zone.zone.tls.port};transport=tls>;isfocus`,
  );
  expect(answer.headers.get('Content-Type')).toBe('application/sdp');
  expect(answer.body.toString()).toMatch(
    /^v=0\r\no=- \d+ 1 IN IP4 0\.0\.0\.0\r\ns=-\r\nc=IN IP4 203\.0\.113\.5\r\n/,
  );
  expect(answer.body.toString()).toContain('m=audio 40000 RTP/SAVP 9 101\r\n');
  expect(call.ended).toBe(false);
});

test('an edge that is not told to advertise the focus leaves Contact to the engine', async () => {
  await using zone = await startEdge({ edge: { advertiseFocus: false } });
  using peer = await zone.tcpPeer();
  const answered = new Phone(peer).invite(200);
  const call = await zone.nextCall();
  await call.admit(new TestEndpoint(call.offer), new TestOwner());
  expect((await answered).headers.get('Contact')).toBe(`<sip:127.0.0.1:${zone.zone.tcp.port};transport=tcp>`);
});

test.each([
  ['sip:Welcome@zone.example;transport=tls;transport=tls', 'welcome'],
  ['sip:team%2Dweekly@127.0.0.1:5061;transport=tls', 'team-weekly'],
  ['sip:room@[::1]:5061', 'room'],
  ['sips:ROOM;x=y@ZONE.example', 'room'],
  ['sip:zone.example', ''],
])('%s asks for the room "%s"', async (uri, room) => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  new Phone(peer).send('INVITE', { body: phoneSdp(), uri });
  expect((await zone.nextCall()).room).toBe(room);
});

test.each([
  ['"A\u0007da  Lovelace" <sip:ada@a.example>', 'Ada Lovelace'],
  ['<sip:ada@a.example>', 'ada'],
  ['sip:ada%40home@a.example', 'ada@home'],
  ['<sip:a.example>', 'Phone'],
  [`"${'x'.repeat(200)}" <sip:a@a.example>`, 'x'.repeat(64)],
])('%s is shown as "%s"', async (from, name) => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  new Phone(peer, { from: from.replace('\u0007', '') }).send('INVITE', { body: phoneSdp() });
  expect((await zone.nextCall()).displayName).toBe(name);
});

async function refusedAs(cause: 'not-found' | 'forbidden' | 'other domain'): Promise<string[]> {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const uri = cause === 'other domain' ? 'sip:room@other.example' : 'sip:room@zone.example';
  const refused = new Phone(peer, { uri }).invite(404);
  if (cause !== 'other domain') await (await zone.nextCall()).refuse(termination(cause, 'only for the log'));
  const { status, reason, headers, body } = await refused;
  const own = [...headers].filter(([name]) => !['Via', 'From', 'To', 'Call-ID', 'CSeq'].includes(name));
  return [`${status} ${reason}`, ...own.map(([name, value]) => `${name}: ${value}`), body.toString()];
}

test('an unknown room, a refused call and a domain of others are told exactly the same', async () => {
  const unknown = await refusedAs('not-found');
  expect(unknown).toEqual([
    '404 Not Found',
    'Reason: SIP;cause=404;text="This meeting cannot be joined. Check the address with whoever invited you"',
    'Server: zonebridge',
    'Content-Length: 0',
    '',
  ]);
  expect(await refusedAs('forbidden')).toEqual(unknown);
  expect(await refusedAs('other domain')).toEqual(unknown);
});

test('every cause has a final status and a reason that a person can use', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const statuses: Record<string, number> = {};
  for (const cause of terminationCauses) {
    const phone = new Phone(peer);
    phone.send('INVITE', { body: phoneSdp() });
    const call = await zone.nextCall();
    const answers = peer.seen.length;
    await call.refuse(termination(cause));
    await expect.poll(() => peer.seen.slice(answers).filter(isFinal).length).toBe(1);
    const [answer] = peer.seen.slice(answers).filter(isFinal);
    if (answer === undefined || !isFinal(answer)) throw new Error('no answer');
    expect(answer.headers.get('Reason')).toBe(`SIP;cause=${answer.status};text="${terminationTexts[cause]}"`);
    statuses[cause] = answer.status;
  }
  expect(statuses).toEqual({
    'remote-hangup': 487,
    'local-hangup': 480,
    cancelled: 487,
    'not-found': 404,
    forbidden: 404,
    'identity-missing': 404,
    'pin-failed': 404,
    locked: 404,
    'lobby-refused': 404,
    'lobby-timeout': 480,
    removed: 403,
    'conference-ended': 480,
    'duration-over': 480,
    'policy-ended': 403,
    'window-ended': 403,
    'logged-out': 403,
    declined: 603,
    'no-answer': 480,
    unreachable: 480,
    busy: 486,
    'no-capacity': 503,
    'not-acceptable': 488,
    'bad-request': 400,
    'zone-draining': 503,
    'server-stopping': 503,
    'media-timeout': 480,
    'transport-lost': 430,
    'worker-lost': 503,
    'ack-timeout': 408,
    'session-expired': 408,
    failed: 500,
  });
});

function isFinal(message: { readonly kind: string }): message is SipResponse {
  return message.kind === 'response' && (message as SipResponse).status >= 200;
}

test.each([
  [400, 'no SDP at all', { body: 'hello' }, /^399 zonebridge "SDP line 1: /],
  [
    400,
    'a fault in the SDP',
    { body: phoneSdp({ address: '300.1.1.1' }) },
    /section 1 \(audio\): its c= line/,
  ],
  [488, 'no audio', { body: phoneSdp().replace('m=audio', 'm=video') }, /^304 /],
  [488, 'no common codec', { body: phoneSdp({ codecs: '18 4' }) }, /^305 /],
  [488, 'another transport', { body: phoneSdp({ protocol: 'UDPTL' }) }, /^302 /],
  [488, 'SRTP without a key', { body: phoneSdp().replace(/a=crypto.*\r\n/, '') }, /^399 .*AES_CM_128/],
  [415, 'another body', { body: '<xml/>', contentType: 'text/xml' }, undefined],
  [415, 'a packed body', { body: 'x', headers: ['Content-Encoding: gzip'] }, undefined],
] as const)('%i to an INVITE with %s, before anybody is asked', async (status, _what, parts, warning) => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const refused = await new Phone(peer).invite(status, parts);
  if (warning === undefined) expect(refused.headers.get('Warning')).toBeUndefined();
  else expect(refused.headers.get('Warning')).toMatch(warning);
  if (status === 415)
    expect([...refused.headers].map(([name]) => name)).toContainEqual(expect.stringMatching(/^Accept/));
  expect(zone.unclaimed).toBe(0);
});

test('a session description is found in a multipart body', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const parts = [
    'Content-Type: application/pidf+xml\r\n\r\n<presence/>',
    `Content-Type: application/sdp\r\n\r\n${phoneSdp()}`,
  ];
  const body = parts.map((part) => `--b1\r\n${part}\r\n`).join('') + '--b1--\r\n';
  new Phone(peer).send('INVITE', { body, contentType: 'multipart/mixed;boundary="b1"' });
  expect((await zone.nextCall()).offer?.audio.codecs).toHaveLength(2);
});

test('a caller who gives up while the zone decides has ended his call', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const phone = new Phone(peer);
  phone.send('INVITE', { body: phoneSdp() });
  const call = await zone.nextCall();
  phone.send('CANCEL', { sequence: 1 });
  await peer.response(487);
  await expect.poll(() => call.ended).toBe(true);
  const owner = new TestOwner();
  await expect(call.admit(new TestEndpoint(call.offer), owner)).rejects.toMatchObject({ code: 'closed' });
  await call.refuse(termination('not-found'));
  expect(owner.endings).toBe(0);
});

test('a caller whose connection breaks while the zone decides has ended his call', async () => {
  await using zone = await startEdge();
  const peer = await zone.tlsPeer();
  new Phone(peer).send('INVITE', { body: phoneSdp() });
  const call = await zone.nextCall();
  peer[Symbol.dispose]();
  await expect.poll(() => call.ended).toBe(true);
});

test('an INVITE of a dialog that is no more is no new call', async () => {
  await using zone = await startEdge();
  using peer = await zone.tcpPeer();
  const phone = new Phone(peer);
  peer.send(
    [
      'INVITE sip:room@zone.example SIP/2.0',
      `Via: SIP/2.0/TCP ${peer.wire.local};branch=z9hG4bKold;rport`,
      'From: <sip:a@a.example>;tag=1',
      'To: <sip:room@zone.example>;tag=gone',
      'Call-ID: old',
      'CSeq: 2 INVITE',
      `Contact: <sip:a@${peer.wire.local}>`,
    ],
    '',
  );
  await peer.response(481);
  await phone.ask('OPTIONS', 200);
  expect(zone.unclaimed).toBe(0);
});
