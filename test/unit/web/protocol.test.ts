import { expect, test } from 'vitest';
import { closeCodes, webSocketSubprotocol } from '#signaling/web/protocol.ts';
import { RetrySchedule } from '../../../web/src/protocol/RetrySchedule.ts';
import { describeRosterChange, listNames, sortRoster } from '../../../web/src/protocol/roster.ts';
import {
  badMessageCode,
  readServerMessage,
  roomSocketUrl,
  subprotocol,
  type RosterParticipant,
} from '../../../web/src/protocol/wire.ts';

function person(name: string, id = name): RosterParticipant {
  const state = { muted: false, speaking: false, sharing: false, pinned: false, spotlight: false } as const;
  return { id, name, kind: 'browser', camera: 'on', role: 'guest', ...state };
}

test('the page and the server mean the same protocol', () => {
  expect(subprotocol).toBe(webSocketSubprotocol);
  expect(badMessageCode).toBe(closeCodes.badMessage);
});

test('the WebSocket goes to where the page came from', () => {
  expect(roomSocketUrl(new URL('https://meetme.localhost:8443/welcome?name=A'), 'welcome')).toBe(
    'wss://meetme.localhost:8443/api/rooms/welcome/ws',
  );
  expect(roomSocketUrl(new URL('http://localhost:5173/'), 'a.b')).toBe(
    'ws://localhost:5173/api/rooms/a.b/ws',
  );
});

test('messages of a newer server are passed over', () => {
  expect(readServerMessage('{"type":"roster","participants":[]}')).toEqual({
    type: 'roster',
    participants: [],
  });
  for (const unknown of ['{"type":"confetti"}', '{}', 'null', '[]', '3'])
    expect(readServerMessage(unknown)).toBeUndefined();
});

test('the roster begins with oneself and goes by name, numbers in their order', () => {
  const roster = ['Room 10', 'Zoe', 'adam', 'Room 2', 'Me'].map((name) => person(name));
  expect(sortRoster(roster, 'Me').map(({ name }) => name)).toEqual([
    'Me',
    'adam',
    'Room 2',
    'Room 10',
    'Zoe',
  ]);
});

test('people of the same name keep their order', () => {
  const [a, b] = [person('Ann', '1'), person('Ann', '2')];
  expect(sortRoster([b, a], undefined)).toEqual([a, b]);
});

test('comings and goings are told in one sentence each, without oneself', () => {
  const before = [person('Me'), person('Bob'), person('Ida')];
  const after = [person('Me'), person('Ida'), person('Tom'), person('Eva')];
  expect(describeRosterChange(before, after, 'Me')).toEqual(['Tom and Eva joined', 'Bob left']);
  expect(describeRosterChange([], [person('Me')], 'Me')).toEqual([]);
  expect(describeRosterChange(after, after, 'Me')).toEqual([]);
});

test('many names become a few and a number', () => {
  expect(listNames(['A', 'B', 'C'])).toBe('A, B and 1 other');
  expect(listNames(['A', 'B', 'C', 'D'])).toBe('A, B and 2 others');
});

test('pauses grow, and there is an end to trying', () => {
  const schedule = new RetrySchedule();
  const delays: number[] = [];
  for (let next = schedule.next(); next !== undefined; next = schedule.next()) {
    expect(next.attempt).toBe(delays.length + 1);
    delays.push(next.delayMs);
  }
  expect(delays).toHaveLength(schedule.attempts);
  expect(delays[0]).toBeLessThanOrEqual(1_200);
  expect(delays.at(-1)).toBeGreaterThanOrEqual(24_000);
});

test('only a call that was up for a while makes the pauses short again', () => {
  const schedule = new RetrySchedule([1, 1]);
  schedule.next();
  schedule.wasUp(500);
  expect(schedule.next()?.attempt).toBe(2);
  schedule.wasUp(60_000);
  expect(schedule.next()?.attempt).toBe(1);
});
