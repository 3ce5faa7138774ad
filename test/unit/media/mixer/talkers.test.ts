import { expect, test } from 'vitest';
import { newCandidate, TalkerSelection, type Candidate } from '#media/mixer/audio/talkers.ts';

interface Person extends Candidate {
  readonly name: string;
}

function people(names: string): Person[] {
  return Array.from(names, (name) => ({ ...newCandidate, name }));
}

function listOf({ talkers, count }: TalkerSelection<Person>): string {
  return talkers
    .slice(0, count)
    .map((person) => person?.name)
    .join('');
}

/** Runs `ticks`; how often the list changed. */
function run(
  selection: TalkerSelection<Person>,
  all: readonly Person[],
  ticks: number,
  level: (person: Person, tick: number) => number,
): number {
  let changes = 0;
  for (let tick = 0; tick < ticks; tick += 1) {
    for (const person of all) person.levelDb = level(person, tick);
    if (selection.update(all)) changes += 1;
  }
  return changes;
}

test('the loudest are heard, loudest first, and never more than the limit', () => {
  const selection = new TalkerSelection<Person>(3);
  const all = people('abcde');
  const levels: Record<string, number> = { a: -40, b: -20, c: -30, d: -45, e: -10 };
  run(selection, all, 100, ({ name }) => levels[name] ?? -127);
  expect(listOf(selection)).toBe('ebc');
});

test('a first word is heard from its first frame on', () => {
  const selection = new TalkerSelection<Person>(3);
  const all = people('ab');
  run(selection, all, 50, () => -127);
  run(selection, all, 1, ({ name }) => (name === 'b' ? -30 : -127));
  expect(listOf(selection)).toBe('b');
});

test('what is under the noise floor is not heard', () => {
  const selection = new TalkerSelection<Person>(3);
  expect(run(selection, people('ab'), 100, () => -53)).toBe(0);
  expect(selection.count).toBe(0);
});

test('a short pause does not end a turn, a long one does', () => {
  const selection = new TalkerSelection<Person>(3);
  const all = people('a');
  run(selection, all, 20, () => -20);
  run(selection, all, 35, () => -127);
  expect(listOf(selection)).toBe('a');
  run(selection, all, 10, () => -127);
  expect(listOf(selection)).toBe('');
});

test('two who are about as loud do not flap for the last place, nor for ranks', () => {
  const selection = new TalkerSelection<Person>(2);
  const all = people('abc');
  run(selection, all, 5, ({ name }) => (name === 'a' ? -20 : -127));
  run(selection, all, 50, ({ name }) => (name === 'c' ? -127 : -20));
  const changes = run(selection, all, 1000, ({ name }, tick) => {
    const wobble = 3 * Math.sin(tick / 3 + name.charCodeAt(0));
    return -20 + wobble;
  });
  expect(changes).toBe(0);
});

test('one who is clearly louder takes the place of the weakest when all places are taken', () => {
  const selection = new TalkerSelection<Person>(2);
  const all = people('abc');
  const levels: Record<string, number> = { a: -20, b: -35, c: -127 };
  run(selection, all, 100, ({ name }) => levels[name] ?? -127);
  levels.c = -15;
  run(selection, all, 50, ({ name }) => levels[name] ?? -127);
  expect(listOf(selection)).toBe('ca');
});

test('a cough does not take the place of one who has just begun', () => {
  const selection = new TalkerSelection<Person>(1);
  const all = people('ab');
  run(selection, all, 10, ({ name }) => (name === 'a' ? -25 : -127));
  run(selection, all, 3, ({ name }) => (name === 'a' ? -25 : -5));
  expect(listOf(selection)).toBe('a');
});

test('one who is taken out leaves no hole', () => {
  const selection = new TalkerSelection<Person>(3);
  const all = people('abc');
  run(selection, all, 10, () => -20);
  const [first] = all;
  expect(first !== undefined && selection.remove(first)).toBe(true);
  expect(listOf(selection)).toHaveLength(2);
  expect(first?.talking).toBe(false);
});
