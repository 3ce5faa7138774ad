import type { RosterParticipant, WaitingPerson } from './wire.ts';

/** Oneself first, then by name; who speaks is marked and does not move, or the list would never be at rest. */
export function sortRoster(
  participants: readonly RosterParticipant[],
  selfId: string | undefined,
): readonly RosterParticipant[] {
  const rank = ({ id }: RosterParticipant): number => (id === selfId ? 0 : 1);
  return participants.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      a.name.localeCompare(b.name, undefined, { numeric: true }) ||
      (a.id < b.id ? -1 : 1),
  );
}

/** Sentences for those who came and went between two rosters, not for oneself. */
export function describeRosterChange(
  before: readonly RosterParticipant[],
  after: readonly RosterParticipant[],
  selfId: string | undefined,
): readonly string[] {
  const missing = (from: readonly RosterParticipant[], of: readonly RosterParticipant[]): string[] => {
    const ids = new Set(from.map(({ id }) => id));
    return of.filter(({ id }) => id !== selfId && !ids.has(id)).map(({ name }) => name);
  };
  const sentences = [
    [missing(before, after), 'joined'],
    [missing(after, before), 'left'],
  ] as const;
  return sentences
    .filter(([names]) => names.length > 0)
    .map(([names, what]) => `${listNames(names)} ${what}`);
}

/** For a host: `Ann and Bob wait to be let in`. */
export function waitingWords(waiting: readonly WaitingPerson[]): string {
  const names = listNames(waiting.map(({ name }) => name));
  return `${names} ${waiting.length === 1 ? 'waits' : 'wait'} to be let in`;
}

/** `Ann`, `Ann and Bob`, `Ann, Bob and 3 others`. */
export function listNames(names: readonly string[]): string {
  const [first = '', second = '', ...others] = names;
  if (others.length > 0)
    return `${first}, ${second} and ${others.length} ${others.length === 1 ? 'other' : 'others'}`;
  return second === '' ? first : `${first} and ${second}`;
}
