import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { ZonebridgeError } from '#kernel/index.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { browserAnswer, EdgeFixture, EndpointStandIn, OwnerStandIn, someone } from './EdgeFixture.ts';

/** All that comes until the other side closes. */
async function conversation(socket: TLSSocket, opening: string): Promise<string> {
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.write(opening);
  await once(socket, 'close');
  return Buffer.concat(received).toString();
}

function upgrade(target: string): string {
  const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13';
  return `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`;
}

/** A browser whose call is in the zone's hands, with an offer before it. */
async function offered(edge: EdgeFixture, endpoint = new EndpointStandIn(), muted = false) {
  const browser = edge.browser();
  await browser.send({ type: 'join', name: 'Alice', muted });
  const call = await edge.nextCall();
  const owner = new OwnerStandIn();
  const admitted = call.admit(endpoint, owner);
  admitted.catch(() => undefined);
  const { offerId } = await browser.next('offer');
  const answer = { type: 'answer', offerId, sdp: browserAnswer };
  return { browser, call, owner, admitted, answer };
}

test.each(['//', '///x', 'http://[', '*', '/api/rooms/%00/ws', '/api/rooms/WELCOME/ws', '/api/rooms//ws'])(
  'a WebSocket request for %s is refused, and the next one is served',
  async (target) => {
    await using edge = await EdgeFixture.start();
    expect(await conversation(await edge.connection(), upgrade(target))).toMatch(/^HTTP\/1\.1 404 |^$/);
    await edge.browser().send({ type: 'join', name: 'Alice' });
    await edge.nextCall();
  },
);

test('a request that does not come to its end is cut off', async () => {
  await using edge = await EdgeFixture.start({ requestTimeoutMs: 200 });
  await conversation(await edge.connection(), 'GET / HTTP/1.1\r\nHost: local');
  await conversation(
    await edge.connection(),
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx',
  );
});

test('of a source with too many connections the oldest that has not joined is closed, never one in a call', async () => {
  await using edge = await EdgeFixture.start({ limits: { total: 100, perSource: 3 } });
  const { call, admitted, answer, browser } = await offered(edge);
  await browser.send(answer);
  await admitted;
  const sockets: TLSSocket[] = [];
  for (let index = 0; index < 3; index += 1) sockets.push(await edge.connection());
  const [first] = sockets;
  const closed = once(first ?? expect.unreachable(), 'close');
  sockets.push(await edge.connection());
  await closed;
  expect(sockets.filter(({ destroyed }) => !destroyed)).toHaveLength(3);
  expect(call.ended).toBe(false);
});

test('who sends too many messages is read slowly and stays', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, admitted, answer, owner, call } = await offered(edge);
  await browser.send(answer);
  await admitted;
  const startedMs = performance.now();
  // More than one reading of the socket can bring.
  for (let index = 0; index < 1_500; index += 1) {
    browser.socket.send(JSON.stringify({ type: 'mute', muted: index % 2 === 0 }));
  }
  browser.socket.send(JSON.stringify({ type: 'reoffer' }));
  await waitFor('all of it was read', () => owner.told.at(-1) === 'reoffer wanted', 25_000);
  expect(performance.now() - startedMs).toBeGreaterThan(1_500);
  expect(call.ended).toBe(false);
});

test('a browser that reads nothing is cut off before it fills our memory', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call, admitted, answer } = await offered(edge);
  await browser.send(answer);
  await admitted;
  browser.socket.pause();
  const name = 'x'.repeat(80);
  const people = Array.from({ length: 1000 }, (_, index) => {
    return { ...someone, id: String(index), name };
  });
  await waitFor('it is cut off', () => {
    for (let round = 0; round < 10; round += 1) call.showRoster('p1', [...people]);
    return call.ended;
  });
});

test('a browser that cannot use the offer is refused at once, not after a deadline', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, admitted, owner } = await offered(edge);
  await browser.send({ type: 'reoffer' });
  await expect(admitted).rejects.toMatchObject({ code: 'not-acceptable' });
  expect(owner.told).toEqual(['camera off', 'reoffer wanted', 'ended not-acceptable']);
  expect(await browser.next('refused')).toMatchObject({ mayRetry: false });
  expect(await browser.closed).toBe(4003);
});

test('a worker that dies while a browser joins is the reason that it is told', async () => {
  await using edge = await EdgeFixture.start();
  const endpoint = new EndpointStandIn();
  endpoint.accept = () => Promise.reject(new ZonebridgeError('unreachable', 'the worker died'));
  const { browser, admitted, answer, owner } = await offered(edge, endpoint);
  await browser.send(answer);
  await expect(admitted).rejects.toThrow();
  expect(owner.told).toEqual(['camera off', 'ended worker-lost']);
  expect(await browser.next('refused')).toMatchObject({ mayRetry: true });
});

test('a browser that is hung up on before it has joined is told that it was refused', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call, admitted } = await offered(edge);
  await call.hangup({ cause: 'server-stopping' });
  await expect(admitted).rejects.toMatchObject({ code: 'closed' });
  expect(await browser.next('refused')).toMatchObject({ text: 'The server is stopping', mayRetry: true });
  expect(await browser.closed).toBe(4003);
});

test('a browser that leaves with its answer is not admitted any more', async () => {
  await using edge = await EdgeFixture.start();
  const endpoint = new EndpointStandIn();
  const accepting = Promise.withResolvers<undefined>();
  endpoint.accept = async () => {
    await accepting.promise;
  };
  const { browser, call, admitted, answer } = await offered(edge, endpoint);
  await browser.send(answer);
  await browser.send({ type: 'leave' });
  await waitFor('it left', () => call.ended);
  accepting.resolve(undefined);
  await expect(admitted).rejects.toMatchObject({ code: 'closed' });
});

test('who joins muted and without a camera is so before the answer, so before anything can be heard or seen', async () => {
  await using edge = await EdgeFixture.start();
  const { owner } = await offered(edge, new EndpointStandIn(), true);
  expect(owner.told).toEqual(['muted', 'camera off']);
});

test('what comes after a message that does not fit is not read', async () => {
  await using edge = await EdgeFixture.start();
  const browser = edge.browser();
  await browser.send('nonsense');
  await browser.send({ type: 'join', name: 'Alice' });
  expect(await browser.closed).toBe(4002);
  expect(edge.calls).toHaveLength(0);
});

test.each([
  ['  Alice \n B. ', 'Alice B.'],
  ['Al\u202eice\u2066\u0007', 'Alice'],
  ['👩\u200d🔬 Ada', '👩\u200d🔬 Ada'],
])('the name %j is shown as %j', async (name, shown) => {
  await using edge = await EdgeFixture.start();
  await edge.browser().send({ type: 'join', name });
  expect((await edge.nextCall()).displayName).toBe(shown);
});

test.each(['\u200b', '\u200d\u200d', '\u202e', '\u0301'])(
  'the name %j cannot be seen and is refused',
  async (name) => {
    await using edge = await EdgeFixture.start();
    const browser = edge.browser();
    await browser.send({ type: 'join', name });
    expect(await browser.closed).toBe(4002);
  },
);

test('of what a browser calls itself no more is kept than of a phone', async () => {
  await using edge = await EdgeFixture.start();
  const browser = edge.browser('welcome', { 'User-Agent': `Mozilla/5.0 ${'x '.repeat(3000)}` });
  await browser.send({ type: 'join', name: 'Alice' });
  expect((await edge.nextCall()).origin.userAgent).toHaveLength(256);
});
