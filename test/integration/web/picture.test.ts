import { expect, test } from 'vitest';
import type { Stage } from '#kernel/index.ts';
import { waitFor } from '#test/support/waitFor.ts';
import {
  browserAnswer,
  EdgeFixture,
  EndpointStandIn,
  localSession,
  OwnerStandIn,
  someone,
} from './EdgeFixture.ts';

const stage: Stage = {
  layout: 'auto',
  tiles: [{ legId: 'p1', source: 'camera', x: 0, y: 0, width: 1, height: 1, fit: 'cover' }],
};

/** A browser before its answer, with its call in the zone's hands. */
async function offered(edge: EdgeFixture, endpoint = new EndpointStandIn()) {
  const browser = edge.browser();
  await browser.send({ type: 'join', name: 'Alice', camera: true });
  const call = await edge.nextCall();
  const owner = new OwnerStandIn();
  const admitted = call.admit(endpoint, owner);
  const { offerId, sdp } = await browser.next('offer');
  const answer = { type: 'answer', offerId, sdp: browserAnswer };
  return { browser, call, owner, admitted, answer, sdp };
}

async function joined(edge: EdgeFixture) {
  const parts = await offered(edge);
  await parts.browser.send(parts.answer);
  await parts.admitted;
  await parts.browser.next('joined');
  return parts;
}

/** A section of a Chromium answer, bundled with the audio. */
function videoSection(mid: string, direction: string, ...attributes: string[]): string {
  const own = ['m=video 9 UDP/TLS/RTP/SAVPF 101 102', 'c=IN IP4 0.0.0.0', 'a=rtcp-mux', `a=mid:${mid}`];
  const formats = ['a=rtpmap:101 VP8/90000', 'a=rtpmap:102 rtx/90000', 'a=fmtp:102 apt=101'];
  return [...own, ...formats, `a=${direction}`, ...attributes, ''].join('\r\n');
}

test('an offer with pictures is answered with them, and each reaches the endpoint as what it is', async () => {
  await using edge = await EdgeFixture.start();
  const endpoint = new EndpointStandIn(localSession);
  const { browser, admitted, answer, sdp } = await offered(edge, endpoint);
  expect(sdp).toContain('a=group:BUNDLE 0 1 2 3\r\n');
  const rids = ['q', 'h', 'f'].map((rid) => `a=rid:${rid} send`);
  const sections = [
    videoSection('1', 'sendrecv', ...rids, 'a=simulcast:send q;h;f'),
    videoSection('2', 'recvonly'),
    videoSection('3', 'recvonly'),
  ];
  const text = browserAnswer.replace('BUNDLE 0', 'BUNDLE 0 1 2 3') + sections.join('');
  await browser.send({ ...answer, sdp: text });
  await admitted;
  expect(endpoint.accepted[0]).toMatchObject({
    audio: { mid: '0' },
    video: { mid: '1', rids: ['q', 'h', 'f'], ice: { usernameFragment: 'Ab12' } },
    screen: { mid: '2', direction: 'recvonly' },
    alternate: { mid: '3', direction: 'recvonly' },
  });
});

test('a browser without video is in the call with its voice', async () => {
  await using edge = await EdgeFixture.start();
  const endpoint = new EndpointStandIn(localSession);
  const { browser, admitted, answer } = await offered(edge, endpoint);
  const refused = '123'.replace(/./g, (mid) =>
    videoSection(mid, 'inactive').replace('m=video 9', 'm=video 0'),
  );
  await browser.send({ ...answer, sdp: browserAnswer + refused });
  await admitted;
  expect(Object.keys(endpoint.accepted[0] ?? {})).toEqual(['audio']);
});

test('camera, share, layout, spotlight and pin reach the zone as they were said', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, owner } = await joined(edge);
  const messages = [
    { type: 'camera', on: false },
    { type: 'share', on: true },
    { type: 'share', on: false },
    { type: 'layout', layout: '1:7' },
    { type: 'spotlight', participantId: 'p2' },
    { type: 'spotlight', participantId: null },
    { type: 'pin', participantId: 'p3', pinned: true },
    { type: 'pin', participantId: 'p3', pinned: false },
  ];
  for (const message of messages) await browser.send(message);
  const said = [
    ...['camera on', 'camera off', 'sharing on', 'sharing off', 'layout 1:7', 'spotlight p2'],
    ...['spotlight nobody', 'pinned p3', 'unpinned p3'],
  ];
  await waitFor('all of it was read', () => owner.told.length === said.length);
  expect(owner.told).toEqual(said);
});

test('a camera that is turned off before the zone has decided is off when it does', async () => {
  await using edge = await EdgeFixture.start();
  const browser = edge.browser();
  await browser.send({ type: 'join', name: 'Alice', camera: true });
  const call = await edge.nextCall();
  await browser.send({ type: 'camera', on: false });
  await browser.send({ type: 'share', on: true });
  const owner = new OwnerStandIn();
  // A pong comes after everything that was sent before its ping.
  const read = new Promise((resolve) => browser.socket.once('pong', resolve));
  browser.socket.ping();
  await read;
  call.admit(new EndpointStandIn(), owner).catch(() => undefined);
  await browser.next('offer');
  expect(owner.told).toEqual(['camera off']);
});

test.each([
  { type: 'layout', layout: '5x5' },
  { type: 'spotlight' },
  { type: 'pin', participantId: 'x'.repeat(65), pinned: true },
  { type: 'share', on: 'yes' },
])('a message that is not in the protocol closes the connection: %j', async (message) => {
  await using edge = await EdgeFixture.start();
  const { browser } = await joined(edge);
  await browser.send(message);
  expect(await browser.closed).toBe(4002);
});

test('a stage is shown with the picture for this person and with who shares', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call } = await joined(edge);
  call.showStage('p1', stage);
  expect(await browser.next('stage')).toEqual({ type: 'stage', ...stage, picture: 'shared', sharer: null });
  const large: Stage = { ...stage, layout: 'presentation', sharer: 'p2', alternateFor: 'p1' };
  call.showStage('p2', large);
  call.showStage('p1', large);
  call.showStage('p1', large);
  const shown = [await browser.next('stage'), await browser.next('stage'), await browser.next('stage')].map(
    ({ picture, sharer, layout }) => `${picture} ${sharer ?? 'nobody'} ${layout}`,
  );
  expect(shown).toEqual(['shared p2 presentation', 'alternate p2 presentation', 'alternate p2 presentation']);
});

test('a share that is over is said so', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call } = await joined(edge);
  call.stopSharing();
  expect(await browser.next('stop-sharing')).toEqual({ type: 'stop-sharing' });
});

test('who joins is told who he is before who is there, and of each only the latest', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call, admitted, answer } = await offered(edge);
  const order: string[] = [];
  browser.socket.on('message', (data: Buffer) => {
    order.push((JSON.parse(data.toString()) as { type: string }).type);
  });
  call.showStage('p1', { ...stage, layout: '2x2' });
  call.showStage('p1', stage);
  call.showRoster('p1', []);
  call.showRoster('p1', [someone]);
  await browser.send(answer);
  await admitted;
  call.showRoster('p1', []);
  await waitFor('everything came', () => order.length === 4);
  expect(order).toEqual(['joined', 'roster', 'stage', 'roster']);
  expect(await browser.next('stage')).toMatchObject({ layout: 'auto' });
  expect((await browser.next('roster')).participants).toEqual([someone]);
});
