import { request } from 'node:https';
import { expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import { browserAnswer, EdgeFixture, EndpointStandIn, OwnerStandIn } from './EdgeFixture.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

function get(edge: EdgeFixture, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: edge.port,
      path,
      servername: 'localhost',
      ca: edge.ca,
      agent: false,
    };
    request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    })
      .once('error', reject)
      .end();
  });
}

/** A browser that has joined, with its call in the zone's hands. */
async function joined(edge: EdgeFixture) {
  const browser = edge.browser();
  await browser.send({ type: 'join', name: 'Alice', camera: true });
  const call = await edge.nextCall();
  const [endpoint, owner] = [new EndpointStandIn(), new OwnerStandIn()];
  const admitted = call.admit(endpoint, owner);
  const { offerId, sdp } = await browser.next('offer');
  await browser.send({ type: 'answer', offerId, sdp: browserAnswer });
  await admitted;
  return { browser, call, endpoint, owner, offerId, sdp };
}

test('the page is served for any room, with a policy that lets it load nothing from elsewhere', async () => {
  await using edge = await EdgeFixture.start();
  for (const path of ['/', '/welcome', '/welcome?name=Alice&join=1']) {
    const { status, headers, body } = await get(edge, path);
    expect(status).toBe(200);
    expect(body).toContain('the page');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
  expect((await get(edge, '/script.js')).headers['content-type']).toContain('javascript');
  expect((await get(edge, '/a/b/c')).status).toBe(404);
  expect((await get(edge, '/..%2f..%2fetc%2fpasswd')).body).not.toContain('root:');
});

test('a browser that joins gets an offer, answers it, and is told who and where it is', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call, endpoint, sdp } = await joined(edge);
  expect(call).toMatchObject({ protocol: 'web', room: 'welcome', displayName: 'Alice', ended: false });
  expect(call.origin).toMatchObject({ transport: 'ws', remoteAddress: '127.0.0.1' });
  expect(sdp).toContain('a=ice-lite');
  expect(endpoint.accepted[0]).toMatchObject({
    audio: { ssrc: 99, codecs: [{ name: 'opus', payloadType: 100 }] },
  });
  expect(await browser.next('joined')).toEqual({
    type: 'joined',
    participantId: 'p1',
    room: { name: 'welcome', title: 'Welcome room' },
    zone: { name: 'meetme' },
    host: true,
  });
});

test('mute, leave and a lost connection reach the zone, the end only once', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call, owner } = await joined(edge);
  await browser.send({ type: 'mute', muted: true });
  await browser.send({ type: 'leave' });
  expect(await browser.closed).toBe(4000);
  await waitFor('the end', () => call.ended);
  expect(owner.told).toEqual(['camera on', 'muted', 'ended remote-hangup']);
  const lost = await joined(edge);
  lost.browser.socket.terminate();
  await waitFor('the loss', () => lost.call.ended);
  expect(lost.owner.told).toEqual(['camera on', 'ended transport-lost']);
});

test('a refused browser reads why and is closed', async () => {
  await using edge = await EdgeFixture.start();
  const browser = edge.browser('full');
  await browser.send({ type: 'join', name: 'Alice' });
  await (await edge.nextCall()).refuse({ cause: 'busy' });
  expect(await browser.next('refused')).toEqual({
    type: 'refused',
    text: 'The meeting is full. Try again later',
    mayRetry: true,
  });
  expect(await browser.closed).toBe(4003);
});

test('an unknown room and a refused call look the same to a browser', async () => {
  await using edge = await EdgeFixture.start();
  const seen: unknown[] = [];
  for (const cause of ['not-found', 'forbidden'] as const) {
    const browser = edge.browser();
    await browser.send({ type: 'join', name: 'Alice' });
    await (await edge.nextCall()).refuse({ cause, detail: 'for the log only' });
    seen.push([await browser.next('refused'), await browser.closed]);
  }
  expect(seen[0]).toEqual(seen[1]);
});

test('a zone that hangs up says why, and that coming back is possible', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call, owner } = await joined(edge);
  await call.hangup({ cause: 'server-stopping' });
  expect(await browser.next('ended')).toEqual({
    type: 'ended',
    text: 'The server is stopping',
    mayRejoin: true,
  });
  expect(await browser.closed).toBe(4000);
  expect(owner.told).toEqual(['camera on', 'ended server-stopping']);
});

test('a new offer starts over, and an answer to an older one is ignored', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call, endpoint, offerId } = await joined(edge);
  const reoffered = call.reoffer(endpoint);
  const offer = await browser.next('offer');
  expect(offer.offerId).not.toBe(offerId);
  await browser.send({ type: 'answer', offerId, sdp: browserAnswer });
  await browser.send({ type: 'answer', offerId: offer.offerId, sdp: browserAnswer });
  await reoffered;
  expect(endpoint.accepted).toHaveLength(2);
});

test('an answer that is no SDP ends the call', async () => {
  await using edge = await EdgeFixture.start();
  const browser = edge.browser();
  await browser.send({ type: 'join', name: 'Alice' });
  const call = await edge.nextCall();
  const owner = new OwnerStandIn();
  const admitted = call.admit(new EndpointStandIn(), owner);
  const { offerId } = await browser.next('offer');
  await browser.send({ type: 'answer', offerId, sdp: 'nonsense' });
  await expect(admitted).rejects.toThrow();
  expect(owner.told).toEqual(['camera off', 'ended not-acceptable']);
  expect(await browser.closed).toBe(4003);
});

test.each([
  ['no JSON', 'hello'],
  ['a mute before joining', { type: 'mute', muted: true }],
  ['an unknown type', { type: 'shout' }],
  ['a name of spaces', { type: 'join', name: '   ' }],
  ['an unknown key', { type: 'join', name: 'Alice', role: 'host' }],
])('%s closes the connection and reaches no zone', async (_what, message) => {
  await using edge = await EdgeFixture.start();
  const browser = edge.browser();
  await browser.send(message);
  expect(await browser.closed).toBe(4002);
  expect(edge.calls).toHaveLength(0);
});

test('a page of another origin cannot open the WebSocket', async () => {
  await using edge = await EdgeFixture.start();
  const foreign = edge.browser('welcome', { Origin: 'https://evil.example' });
  expect(await foreign.closed).toBe(1006);
  const own = edge.browser('welcome', { Origin: `https://localhost:${edge.port}` });
  await own.send({ type: 'join', name: 'Alice' });
  await edge.nextCall();
});
