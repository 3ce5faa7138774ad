import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { termination } from '#kernel/index.ts';
import type { WaitingEntry } from '#signaling/call.ts';
import { Lobby, type LobbyOptions } from '#zones/rooms/Lobby.ts';

const noon = Date.UTC(2026, 10, 26, 12, 0, 0);

beforeEach(() => {
  vi.useFakeTimers({ now: noon });
});
afterEach(() => {
  vi.useRealTimers();
});

function lobbyOf(options: Partial<LobbyOptions> = {}): { lobby: Lobby; told: string[][] } {
  const told: string[][] = [];
  const lobby = new Lobby({
    waitingMs: 15 * 60_000,
    onChange: (waiting) => told.push(waiting.map(({ id }) => id)),
    ...options,
  });
  return { lobby, told };
}

function person(id: string): Omit<WaitingEntry, 'sinceMs'> {
  return { id, name: `Name of ${id}`, kind: 'phone', label: 'partner: acme' };
}

test('a host sees who waits, since when, and in the order in which they came', () => {
  const { lobby } = lobbyOf();
  void lobby.enter(person('anna'), 'admission', 'here');
  vi.advanceTimersByTime(5000);
  void lobby.enter(person('bert'), 'admission', 'here');
  expect(lobby.waiting).toEqual([
    { ...person('anna'), sinceMs: noon },
    { ...person('bert'), sinceMs: noon + 5000 },
  ]);
});

test('who is admitted comes in, who is refused does not, and both are gone from the list', async () => {
  const { lobby } = lobbyOf();
  const anna = lobby.enter(person('anna'), 'admission', 'here');
  const bert = lobby.enter(person('bert'), 'admission', 'here');
  expect(lobby.answer('anna', true)).toBe(true);
  expect(lobby.answer('bert', false)).toBe(true);
  expect(lobby.answer('bert', true)).toBe(false);
  expect(await anna).toEqual({ kind: 'admitted', approved: true });
  expect(await bert).toMatchObject({ kind: 'refused', termination: { cause: 'lobby-refused' } });
  expect(lobby.waiting).toEqual([]);
});

test('who is not admitted in time is told so', async () => {
  const { lobby } = lobbyOf({ waitingMs: 60_000 });
  const anna = lobby.enter(person('anna'), 'admission', 'here');
  vi.advanceTimersByTime(59_999);
  expect(lobby.waiting).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(await anna).toMatchObject({ termination: { cause: 'lobby-timeout' } });
});

test('when a host comes, those who waited for one come in, and those who must be admitted wait on', async () => {
  const { lobby } = lobbyOf();
  const anna = lobby.enter(person('anna'), 'host', 'here');
  void lobby.enter(person('bert'), 'admission', 'here');
  lobby.hostArrived();
  expect(await anna).toEqual({ kind: 'admitted', approved: false });
  expect(lobby.waiting.map(({ id }) => id)).toEqual(['bert']);
});

test('the lobby holds so many, and one more is refused as busy until a place is free', async () => {
  const { lobby } = lobbyOf({ places: 2 });
  void lobby.enter(person('anna'), 'admission', 'here');
  const bert = lobby.enter(person('bert'), 'admission', 'here');
  const busy = await lobby.enter(person('carl'), 'admission', 'here');
  expect(busy).toMatchObject({ kind: 'refused', termination: { cause: 'busy' } });
  lobby.leave('bert');
  expect(await bert).toMatchObject({ termination: { cause: 'cancelled' } });
  const dora = lobby.enter(person('dora'), 'admission', 'here');
  lobby.answer('dora', true);
  expect(await dora).toMatchObject({ kind: 'admitted' });
});

test('who comes from elsewhere finds a place in a lobby that one source has filled', async () => {
  const { lobby } = lobbyOf({ places: 4 });
  const flood = ['f1', 'f2', 'f3', 'f4'].map((id) => lobby.enter(person(id), 'admission', 'flood'));
  void lobby.enter(person('anna'), 'admission', 'home');
  expect(await flood.at(-1)).toMatchObject({ termination: { cause: 'busy' } });
  void lobby.enter(person('bert'), 'admission', 'office');
  expect(await lobby.enter(person('f5'), 'admission', 'flood')).toMatchObject({
    termination: { cause: 'busy' },
  });
  expect(lobby.waiting.map(({ id }) => id)).toEqual(['f1', 'f2', 'anna', 'bert']);
});

test('changes that come close together are told once, with who waits then', () => {
  const { lobby, told } = lobbyOf();
  for (const id of ['anna', 'bert', 'carl']) void lobby.enter(person(id), 'admission', 'here');
  lobby.leave('bert');
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([['anna', 'carl']]);
  lobby.answer('nobody', true);
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(1);
});

test('closed, it lets nobody wait, tells nothing more, and refuses who waited with what ended it', async () => {
  const { lobby, told } = lobbyOf();
  const anna = lobby.enter(person('anna'), 'admission', 'here');
  const bert = lobby.enter(person('bert'), 'host', 'here');
  lobby.refuseAll(termination('duration-over'));
  expect(await anna).toMatchObject({ termination: { cause: 'duration-over' } });
  expect(await bert).toMatchObject({ termination: { cause: 'duration-over' } });
  const carl = lobby.enter(person('carl'), 'admission', 'here');
  await lobby.close('test');
  await lobby.close('again');
  expect(await carl).toMatchObject({ termination: { cause: 'conference-ended' } });
  expect(await lobby.enter(person('dora'), 'host', 'here')).toMatchObject({ kind: 'refused' });
  vi.advanceTimersByTime(3_600_000);
  expect(told).toEqual([]);
});
