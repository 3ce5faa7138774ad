import type { WebSocket } from 'ws';
import { afterEach, expect, test, vi } from 'vitest';
import { readSipAddress } from '../../../web/src/page/sipAddress.ts';
import type { CallPhase, RoomCall } from '../../../web/src/protocol/index.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { ending, join, joined, listen, PageServers, say } from './pageServer.ts';

const servers = new PageServers();

afterEach(() => {
  vi.useRealTimers();
  servers.close();
});

const pin = { type: 'gate', gate: 'pin', wrong: false, mayRetryInMs: 0, digits: [4, 6] };

function phaseOf<K extends CallPhase['kind']>(
  call: RoomCall,
  kind: K,
): Promise<Extract<CallPhase, { kind: K }>> {
  return waitFor(`the phase ${kind}`, () => {
    const { phase } = call.state;
    return phase.kind === kind ? (phase as Extract<CallPhase, { kind: K }>) : undefined;
  });
}

/** Answers each code: 1234 is right. */
function guard(socket: WebSocket, heard: string[]): void {
  say(socket, pin);
  socket.on('message', (data: Buffer) => {
    const { type, code } = JSON.parse(data.toString()) as { type: string; code?: string };
    if (type !== 'code' || code === undefined) return;
    heard.push(code);
    if (code === '1234') say(socket, joined);
    else say(socket, { ...pin, wrong: true, mayRetryInMs: 60_000 });
  });
}

test('a wrong PIN is told with the pause before the next, a right one lets in', async () => {
  const heard: string[] = [];
  const url = await servers.serve((socket) => guard(socket, heard));
  const { call, phases } = join(url);
  expect(await phaseOf(call, 'pin')).toMatchObject({ wrong: false, checking: false, digits: [4, 6] });
  call.enterCode('9999');
  expect(call.state.phase).toMatchObject({ kind: 'pin', checking: true });
  const again = await waitFor('the answer', () =>
    call.state.phase.kind === 'pin' && call.state.phase.wrong ? call.state.phase : undefined,
  );
  expect(again.checking).toBe(false);
  expect(again.retryAtMs - Date.now()).toBeGreaterThan(55_000);
  call.enterCode('1234');
  await phaseOf(call, 'joined');
  expect(heard).toEqual(['9999', '1234']);
  expect(phases).toEqual(['joining', 'pin', 'joined']);
  call.enterCode('5555');
  call.leave();
  expect(heard).toHaveLength(2);
});

test('on the way back after a lost connection the PIN that was right is given by itself', async () => {
  const heard: string[] = [];
  const sockets: WebSocket[] = [];
  const url = await servers.serve((socket) => {
    sockets.push(socket);
    guard(socket, heard);
  });
  const { call, phases } = join(url);
  await phaseOf(call, 'pin');
  call.enterCode('1234');
  await phaseOf(call, 'joined');
  sockets[0]?.terminate();
  await waitFor('the second joining', () => phases.filter((phase) => phase === 'joined').length === 2);
  expect(phases).toEqual(['joining', 'pin', 'joined', 'reconnecting', 'joined']);
  expect(heard).toEqual(['1234', '1234']);
  call.leave();
});

test('who waits in the lobby is let in or refused by the server’s word', async () => {
  const url = await servers.serve((socket, visit) => {
    say(socket, { type: 'gate', gate: 'lobby' });
    if (visit === 1) setTimeout(() => say(socket, joined), 50);
    else setTimeout(() => say(socket, { type: 'refused', text: 'Nobody let you in', mayRetry: false }), 50);
  });
  const admitted = join(url);
  await phaseOf(admitted.call, 'joined');
  expect(admitted.phases).toEqual(['joining', 'lobby', 'joined']);
  admitted.call.leave();
  const refused = join(url);
  expect(await ending(refused.call)).toMatchObject({ how: 'refused', text: 'Nobody let you in' });
  expect(refused.phases).toEqual(['joining', 'lobby', 'over']);
});

test('a lobby that says nothing any more is taken for a lost connection', async () => {
  const sockets: WebSocket[] = [];
  const url = await servers.serve((socket) => {
    sockets.push(socket);
    say(socket, { type: 'gate', gate: 'lobby' });
  });
  const { call } = join(url, [600_000]);
  await phaseOf(call, 'lobby');
  vi.useFakeTimers();
  const [socket] = sockets;
  if (socket === undefined) throw new Error('nobody came');
  say(socket, { type: 'gate', gate: 'lobby' });
  // The reminder counts from when it is read, by timers that are the test's from here on.
  await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
  vi.advanceTimersByTime(60_000);
  expect(call.state.phase.kind).toBe('lobby');
  vi.advanceTimersByTime(6_000);
  expect(call.state.phase.kind).toBe('reconnecting');
  call.leave();
});

test('who must log in is told where, and the refusal that follows does not take that away', async () => {
  const url = await servers.serve((socket) => {
    say(socket, { type: 'gate', gate: 'login', path: '/api/login?return=/r' });
    say(socket, { type: 'refused', text: 'No', mayRetry: false });
    socket.close(4003);
  });
  const { call, phases } = join(url);
  expect(await phaseOf(call, 'login')).toEqual({ kind: 'login', path: '/api/login?return=/r' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(phases).toEqual(['joining', 'login']);
  call.leave();
  expect(await ending(call)).toMatchObject({ how: 'left' });
});

test('the lobby, the lock and notices are shown, and forgotten when the call begins anew', async () => {
  const people = [{ id: 'w', name: 'Bob', kind: 'phone', sinceMs: 1 }];
  const url = await servers.serve((socket, visit) => {
    say(socket, joined);
    if (visit > 1) return;
    say(socket, { type: 'waiting', people });
    say(socket, { type: 'room', locked: true, notice: 'Ends soon' });
    for (const text of ['one', 'two', 'three', 'four']) say(socket, { type: 'notice', text });
  });
  const { call, phases } = join(url);
  await waitFor('the notices', () => call.state.notices.at(-1)?.text === 'four');
  expect(call.state).toMatchObject({ waiting: people, locked: true, roomNotice: 'Ends soon' });
  expect(call.state.notices.map(({ text }) => text)).toEqual(['two', 'three', 'four']);
  call.dismissNotice(call.state.notices[1]?.id ?? 0);
  expect(call.state.notices.map(({ text }) => text)).toEqual(['two', 'four']);
  servers.drop();
  await waitFor('the second joining', () => phases.filter((phase) => phase === 'joined').length === 2);
  expect(call.state).toMatchObject({ waiting: [], locked: false, roomNotice: undefined, notices: [] });
  call.leave();
});

test('what a host wants is said in the words of the protocol, and not before he is in', async () => {
  let heard: object[] = [];
  const url = await servers.serve((socket) => {
    heard = listen(socket);
    say(socket, joined);
  });
  const { call } = join(url);
  call.direct({ type: 'end-conference' });
  await phaseOf(call, 'joined');
  const wishes = [
    { type: 'admit', participantId: 'w', admit: true },
    { type: 'lock', locked: true },
    { type: 'remove', participantId: 'b' },
    { type: 'mute-other', participantId: 'b' },
    { type: 'dial', uri: 'sip:a@b.example' },
    { type: 'end-conference' },
  ] as const;
  for (const wish of wishes) call.direct(wish);
  await waitFor('all messages', () => heard.length === 7);
  expect(heard.slice(1)).toEqual(wishes);
  call.leave();
});

test.each([
  ['sip:room@example.org', 'sip:room@example.org'],
  ['  SIPS:room@example.org:5061 ', 'sips:room@example.org:5061'],
  ['room@example.org', 'sip:room@example.org'],
  ['example.org', undefined],
  ['https://example.org/a@b', undefined],
  ['a b@example.org', undefined],
  ['', undefined],
  [`${'a'.repeat(250)}@example.org`, undefined],
])('"%s" as a SIP address is %s', (text, expected) => {
  expect(readSipAddress(text)).toBe(expected);
});
