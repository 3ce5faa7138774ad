import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RoomRules, type RoomRulesEvent, type RoomRulesOptions } from '#zones/rooms/RoomRules.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function rulesOf(room: Partial<RoomRulesOptions['room']> = {}): {
  rules: RoomRules;
  events: RoomRulesEvent[];
  notices: () => (string | undefined)[];
} {
  const events: RoomRulesEvent[] = [];
  const rules = new RoomRules({
    room: { lobby: false, wait_for_host: false, ...room },
    emit: (event) => events.push(event),
  });
  const notices = (): (string | undefined)[] =>
    events.filter((event) => event.type === 'state').map(({ state }) => state.notice);
  return { rules, events, notices };
}

function minutes(count: number): void {
  vi.advanceTimersByTime(count * 60_000);
}

test('a room without rules lets everybody in', () => {
  const { rules } = rulesOf();
  expect(rules.entry('guest', false)).toEqual({ kind: 'enter' });
});

test('guests wait for a host where the room says so, and hosts do not', () => {
  const { rules, events } = rulesOf({ wait_for_host: true });
  expect(rules.entry('guest', false)).toEqual({ kind: 'wait-for-host' });
  expect(rules.entry('host', false)).toEqual({ kind: 'enter' });
  rules.joined('anna', 'host');
  expect(events).toEqual([{ type: 'hosts', present: true }]);
  expect(rules.entry('guest', false)).toEqual({ kind: 'enter' });
});

test('guests go to the lobby where the room or the policy says so, whether or not a host is there', () => {
  expect(rulesOf({ lobby: true }).rules.entry('guest', false)).toEqual({ kind: 'lobby' });
  const { rules } = rulesOf({ wait_for_host: true });
  expect(rules.entry('guest', true)).toEqual({ kind: 'lobby' });
  rules.joined('anna', 'host');
  expect(rules.entry('guest', true)).toEqual({ kind: 'lobby' });
});

test('a locked room takes guests by a host’s word alone, and none while no host is there', () => {
  const { rules, events } = rulesOf();
  rules.joined('anna', 'host');
  rules.setLocked(true);
  rules.setLocked(true);
  expect(events.slice(1)).toEqual([{ type: 'state', state: { locked: true } }]);
  expect(rules.entry('guest', false)).toEqual({ kind: 'lobby' });
  expect(rules.entry('host', false)).toEqual({ kind: 'enter' });
  rules.left('anna');
  expect(rules.entry('guest', false)).toMatchObject({ kind: 'refuse', termination: { cause: 'locked' } });
  rules.setLocked(false);
  expect(rules.entry('guest', false)).toEqual({ kind: 'enter' });
});

test('hosts are told of once, when the first comes and when the last leaves', () => {
  const { rules, events } = rulesOf();
  rules.joined('guest', 'guest');
  rules.joined('anna', 'host');
  rules.joined('bert', 'host');
  rules.left('anna');
  rules.left('anna');
  rules.left('bert');
  expect(events).toEqual([
    { type: 'hosts', present: true },
    { type: 'hosts', present: false },
  ]);
});

test('a guest who becomes a host counts as one', () => {
  const { rules, events } = rulesOf();
  rules.joined('anna', 'guest');
  rules.joined('anna', 'host');
  expect(rules.hosts).toBe(1);
  expect(events).toEqual([{ type: 'hosts', present: true }]);
});

test('after the last host the conference ends when the grace is over, having said so', () => {
  const { rules, events, notices } = rulesOf({ end_after_last_host_seconds: 120 });
  rules.joined('anna', 'host');
  rules.joined('guest', 'guest');
  rules.left('anna');
  expect(rules.state.notice).toBe(
    'The last host has left. This meeting ends in 2 minutes unless a host comes back',
  );
  minutes(1.99);
  expect(notices().at(-1)).toContain('ends in 1 minute unless');
  expect(events.some(({ type }) => type === 'end')).toBe(false);
  minutes(0.01);
  expect(events.at(-1)).toEqual({ type: 'end', cause: 'conference-ended' });
  minutes(600);
  expect(events.filter(({ type }) => type === 'end')).toHaveLength(1);
});

test('a host who comes back in time keeps the conference, and the notice goes', () => {
  const { rules, events } = rulesOf({ end_after_last_host_seconds: 30 });
  rules.joined('anna', 'host');
  rules.joined('guest', 'guest');
  rules.left('anna');
  expect(rules.state.notice).toContain('30 seconds');
  rules.joined('bert', 'host');
  expect(rules.state.notice).toBeUndefined();
  minutes(10);
  expect(events.some(({ type }) => type === 'end')).toBe(false);
  rules.left('bert');
  minutes(0.5);
  expect(events.at(-1)).toMatchObject({ type: 'end' });
});

test('no grace at all ends it at once', () => {
  const { rules, events } = rulesOf({ end_after_last_host_seconds: 0 });
  rules.joined('anna', 'host');
  rules.joined('guest', 'guest');
  rules.left('anna');
  expect(events.at(-1)).toEqual({ type: 'end', cause: 'conference-ended' });
});

test('guests who never had a host are not ended for want of one', () => {
  const { rules, events } = rulesOf({ end_after_last_host_seconds: 5 });
  rules.joined('guest', 'guest');
  minutes(60);
  expect(events).toEqual([]);
});

test('the longest duration counts from the first who came, is told 5 minutes and 1 minute before, and ends the conference', () => {
  const { rules, events, notices } = rulesOf({ max_minutes: 30 });
  minutes(100);
  rules.joined('guest', 'guest');
  minutes(24.9);
  rules.joined('late', 'guest');
  expect(notices()).toEqual([]);
  minutes(0.2);
  expect(notices()).toEqual(['This meeting ends in 5 minutes']);
  minutes(0.5);
  expect(notices().slice(1)).toEqual([undefined]);
  minutes(4);
  expect(notices().slice(2)).toEqual(['This meeting ends in 1 minute']);
  minutes(0.4);
  expect(events.at(-1)).toEqual({ type: 'end', cause: 'duration-over' });
});

test('a duration shorter than a warning is not warned of before it began', () => {
  const { rules, notices } = rulesOf({ max_minutes: 5 });
  rules.joined('guest', 'guest');
  minutes(3.9);
  expect(notices()).toEqual([]);
  minutes(0.2);
  expect(notices()).toEqual(['This meeting ends in 1 minute']);
});

test('of two ends the one that no host can avert is shown', () => {
  const { rules } = rulesOf({ max_minutes: 2, end_after_last_host_seconds: 600 });
  rules.joined('anna', 'host');
  rules.joined('guest', 'guest');
  minutes(1);
  rules.left('anna');
  expect(rules.state.notice).toBe('This meeting ends in 1 minute');
});

test('closed, it tells nothing more', async () => {
  const { rules, events } = rulesOf({ max_minutes: 1, end_after_last_host_seconds: 5 });
  rules.joined('anna', 'host');
  await rules.close('the room is empty');
  await rules.close('again');
  const told = events.length;
  rules.left('anna');
  rules.joined('bert', 'host');
  rules.setLocked(true);
  minutes(10);
  expect(events).toHaveLength(told);
});
