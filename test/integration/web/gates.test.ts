import { expect, test } from 'vitest';
import type { Call, Gate } from '#signaling/call.ts';
import { waitFor } from '#test/support/waitFor.ts';
import {
  browserAnswer,
  EdgeFixture,
  EndpointStandIn,
  OwnerStandIn,
  someone,
  type BrowserStandIn,
} from './EdgeFixture.ts';

/** A browser that has asked to join, with its call in the zone's hands. */
async function joining(edge: EdgeFixture): Promise<{ browser: BrowserStandIn; call: Call }> {
  const browser = edge.browser();
  await browser.send({ type: 'join', name: 'Alice' });
  return { browser, call: await edge.nextCall() };
}

async function admit(browser: BrowserStandIn, call: Call): Promise<OwnerStandIn> {
  const owner = new OwnerStandIn();
  const admitted = call.admit(new EndpointStandIn(), owner);
  const { offerId } = await browser.next('offer');
  await browser.send({ type: 'answer', offerId, sdp: browserAnswer });
  await admitted;
  return owner;
}

function pass(call: Call, gate: Gate): Promise<string> {
  if (call.pass === undefined) throw new Error('a browser can be asked');
  return call.pass(gate);
}

const pin = { kind: 'pin', wrong: false, mayRetryInMs: 0, digits: [4, 8] } as const;

test('a PIN is asked for as often as the zone wants, and each code answers one question', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call } = await joining(edge);
  const first = pass(call, pin);
  expect(await browser.next('gate')).toEqual({
    type: 'gate',
    gate: 'pin',
    wrong: false,
    mayRetryInMs: 0,
    digits: [4, 8],
    mayBeGuest: false,
  });
  await browser.send({ type: 'code', code: '1111' });
  expect(await first).toBe('1111');
  // Nobody has asked for this one, so it must not answer the next question.
  await browser.send({ type: 'code', code: '2222' });
  await browser.send({ type: 'mute', muted: true });
  await browser.heard();
  const second = pass(call, { ...pin, wrong: true, mayRetryInMs: 2000 });
  expect(await browser.next('gate')).toMatchObject({ wrong: true, mayRetryInMs: 2000 });
  await browser.send({ type: 'code', code: '3333' });
  expect(await second).toBe('3333');
  const owner = await admit(browser, call);
  expect(owner.told).toEqual(['muted', 'camera off']);
});

test.each(['12', '123456789012345678901', '12a4', ' '])(
  '"%s" is no code, and ends the call',
  async (code) => {
    await using edge = await EdgeFixture.start();
    const { browser, call } = await joining(edge);
    const asked = pass(call, pin);
    asked.catch(() => undefined);
    await browser.send({ type: 'code', code });
    expect(await browser.closed).toBe(4002);
    await expect(asked).rejects.toMatchObject({ code: 'closed' });
  },
);

test('who has no PIN and may be a guest answers with an empty code', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call } = await joining(edge);
  const asked = pass(call, { ...pin, mayBeGuest: true });
  expect(await browser.next('gate')).toMatchObject({ mayBeGuest: true });
  await browser.send({ type: 'code', code: '' });
  expect(await asked).toBe('');
});

test('a browser in the call is told that it may direct, that it may not any more, and that a host muted it', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call } = await joining(edge);
  await admit(browser, call);
  call.showRole(false);
  call.showMuted();
  call.showRole(true);
  expect(await browser.next('role')).toEqual({ type: 'role', host: false });
  expect(await browser.next('muted')).toEqual({ type: 'muted' });
  expect(await browser.next('role')).toEqual({ type: 'role', host: true });
});

test('a gate rejects when the browser leaves, is refused, or was gone before', async () => {
  await using edge = await EdgeFixture.start();
  const gone = await joining(edge);
  const asked = pass(gone.call, pin);
  asked.catch(() => undefined);
  gone.browser.socket.terminate();
  await expect(asked).rejects.toMatchObject({ code: 'closed' });
  await expect(pass(gone.call, { kind: 'lobby' })).rejects.toMatchObject({ code: 'closed' });
  const refused = await joining(edge);
  const unanswered = pass(refused.call, pin);
  unanswered.catch(() => undefined);
  await refused.call.refuse({ cause: 'pin-failed' });
  await expect(unanswered).rejects.toMatchObject({ code: 'closed' });
});

test('who waits in the lobby is told so at once, stays past the deadline for joining, and can be let in', async () => {
  await using edge = await EdgeFixture.start({ joinDeadlineMs: 300 });
  const silent = edge.browser();
  const { browser, call } = await joining(edge);
  expect(await pass(call, { kind: 'lobby' })).toBe('');
  expect(await browser.next('gate')).toEqual({ type: 'gate', gate: 'lobby', until: 'admitted' });
  expect(await silent.closed).toBe(4002);
  expect(call.ended).toBe(false);
  await admit(browser, call);
  expect(await browser.next('joined')).toMatchObject({ host: true });
});

test('who must log in is told where, and the zone can then end the call', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call } = await joining(edge);
  const gate = { kind: 'login', path: '/api/login?return=/welcome' } as const;
  expect(await pass(call, gate)).toBe('');
  await call.refuse({ cause: 'identity-missing' });
  expect(await browser.next('gate')).toEqual({ type: 'gate', gate: 'login', path: gate.path });
  expect(await browser.closed).toBe(4003);
});

test('what a host does reaches the zone', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call } = await joining(edge);
  const owner = await admit(browser, call);
  owner.told.length = 0;
  await browser.send({ type: 'admit', participantId: 'w1', admit: true });
  await browser.send({ type: 'admit', participantId: 'w2', admit: false });
  await browser.send({ type: 'lock', locked: true });
  await browser.send({ type: 'lock', locked: false });
  await browser.send({ type: 'remove', participantId: 'p2' });
  await browser.send({ type: 'mute-other', participantId: 'p3' });
  await browser.send({ type: 'dial', uri: 'sips:room@partner.example' });
  await browser.send({ type: 'end-conference' });
  await waitFor('all of it', () => owner.told.length === 8);
  expect(owner.told).toEqual([
    'admitted w1',
    'refused w2',
    'locked',
    'unlocked',
    'removed p2',
    'muted p3',
    'dialled sips:room@partner.example',
    'conference ended',
  ]);
});

test('the lobby, the state of the room and notices are shown, and not before the browser has joined', async () => {
  await using edge = await EdgeFixture.start();
  const { browser, call } = await joining(edge);
  const waiting = [{ id: 'w1', name: 'Bob', kind: 'phone', label: 'partner: acme', sinceMs: 5 }] as const;
  call.showRoster('p1', [{ ...someone, role: 'host', label: 'own' }]);
  call.showWaiting(waiting);
  call.showRoomState({ locked: true, notice: 'Ends in 5 minutes' });
  call.showNotice('before joining');
  await admit(browser, call);
  expect(await browser.nextOfAll()).toMatchObject({ type: 'joined' });
  expect(await browser.next('roster')).toMatchObject({ participants: [{ role: 'host', label: 'own' }] });
  expect(await browser.next('waiting')).toEqual({ type: 'waiting', people: waiting });
  expect(await browser.next('room')).toEqual({ type: 'room', locked: true, notice: 'Ends in 5 minutes' });
  expect(await browser.next('notice')).toEqual({ type: 'notice', text: 'before joining' });
  call.showRoomState({ locked: false });
  call.showNotice('It was not answered');
  expect(await browser.next('room')).toEqual({ type: 'room', locked: false, notice: null });
  expect(await browser.next('notice')).toEqual({ type: 'notice', text: 'It was not answered' });
});
