import { expect, test } from 'vitest';
import { StageSelection, type StageInput, type StagePerson } from '#media/mixer/video/stage/index.ts';

const frameMs = 33;

/** A room whose clock a test turns. */
class Room {
  readonly selection = new StageSelection();
  people: StagePerson[];
  changes = 0;
  #nowMs = 1000;
  #input: Omit<StageInput, 'people' | 'speaking'>;

  constructor(names: string, changes: Partial<StageInput> = {}) {
    this.people = Array.from(names).map((id, index) => ({ id, video: true, joinedMs: index }));
    this.#input = {
      layout: '1:7',
      places: 8,
      pinned: [],
      spotlight: undefined,
      sharer: undefined,
      ...changes,
    };
    this.pass(1);
  }

  get order(): string {
    return this.selection.order.join('');
  }

  set(changes: Partial<StageInput>): void {
    this.#input = { ...this.#input, ...changes };
    this.pass(1);
  }

  /** Time passes while these speak, the loudest first. */
  pass(ms: number, speaking = ''): void {
    for (const endMs = this.#nowMs + ms; this.#nowMs < endMs; this.#nowMs += frameMs) {
      const input = { ...this.#input, people: this.people, speaking: Array.from(speaking) };
      if (this.selection.update(input, this.#nowMs)) this.changes += 1;
    }
  }
}

test('who speaks for a while takes the large place, and changes places with who had it', () => {
  const room = new Room('abcd');
  expect(room.order).toBe('abcd');
  room.pass(400, 'c');
  expect(room.order).toBe('abcd');
  room.pass(400, 'c');
  expect(room.order).toBe('cbad');
  expect(room.selection.speaker).toBe('c');
});

test('short pauses do not start the count anew, and silence leaves the floor where it was', () => {
  const room = new Room('ab');
  for (let word = 0; word < 4; word += 1) {
    room.pass(260, 'b');
    room.pass(60);
  }
  expect(room.selection.speaker).toBe('b');
  room.pass(20_000);
  expect(room.selection.speaker).toBe('b');
});

test('two who quarrel do not make the picture flap: it changes every two seconds at most', () => {
  const room = new Room('ab');
  const before = room.changes;
  for (let turn = 0; turn < 10; turn += 1) room.pass(700, turn % 2 === 0 ? 'a' : 'b');
  expect(room.changes - before).toBeLessThanOrEqual(4);
});

test('a speaker is not pushed out by somebody who is heard beside him', () => {
  const room = new Room('ab');
  room.pass(1000, 'a');
  room.pass(6000, 'ab');
  expect(room.selection.speaker).toBe('a');
});

test('in a grid nobody moves whom one sees already; who is not seen takes the place of the longest silent', () => {
  const room = new Room('abcdef', { layout: '2x2', places: 4 });
  room.pass(1000, 'd');
  expect(room.order).toBe('abcdef');
  room.pass(2500, 'a');
  room.pass(3000, 'f');
  expect(room.order.slice(0, 4)).toBe('abfd');
  expect(room.order.slice(0, 4)).not.toContain('c');
});

test('the pinned are on stage first and in their order, the spotlight before them', () => {
  const room = new Room('abcdef', { layout: '2x2', places: 4 });
  room.set({ pinned: ['f', 'e'] });
  expect(room.order.slice(0, 2)).toBe('fe');
  room.pass(3000, 'c');
  expect(room.order.slice(0, 2)).toBe('fe');
  expect(room.order.slice(0, 4)).toContain('c');
  room.set({ spotlight: 'b' });
  expect(room.order.slice(0, 3)).toBe('bfe');
});

test('people with a camera go before those without, who stay where there is room', () => {
  const room = new Room('abcdef', { layout: '2x2', places: 4 });
  room.people = room.people.map((person) => ({ ...person, video: person.id > 'c' }));
  room.pass(100);
  expect(Array.from(room.order.slice(0, 4)).sort().join('')).toBe('adef');
});

test('who leaves goes at once, and the floor with him', () => {
  const room = new Room('abc');
  room.pass(1000, 'b');
  expect(room.order[0]).toBe('b');
  room.people = room.people.filter(({ id }) => id !== 'b');
  room.pass(1);
  expect(room.order).not.toContain('b');
  expect(room.selection.speaker).toBeUndefined();
  room.pass(700, 'c');
  expect(room.selection.speaker).toBe('c');
});

test('when the speaker leaves, whoever spoke before has the floor', () => {
  const room = new Room('abcdefghij');
  room.pass(3000, 'b');
  room.pass(3000, 'c');
  room.people = room.people.filter(({ id }) => id !== 'c');
  room.pass(1);
  expect(room.selection.speaker).toBe('b');
  expect(room.order[0]).toBe('b');
});

test('when somebody leaves a full stage, whoever waits takes his place and nobody else moves', () => {
  const room = new Room('abcdef', { layout: '2x2', places: 4 });
  room.people = room.people.filter(({ id }) => id !== 'b');
  room.pass(1);
  expect(room.order).toBe('aecdf');
});

test('the pinned push out even the speaker when there is no room for all', () => {
  const room = new Room('abcd', { layout: '1:1', places: 2 });
  room.pass(1000, 'b');
  room.set({ pinned: ['c'] });
  expect(room.order.slice(0, 2)).toBe('cb');
  room.set({ pinned: ['c', 'd'] });
  expect(room.order.slice(0, 2)).toBe('cd');
  room.pass(5000, 'b');
  expect(room.order.slice(0, 2)).toBe('cd');
});

test('a talker takes the place of one without a camera before that of one who has never spoken', () => {
  const room = new Room('abcde', { layout: '2x2', places: 4 });
  room.people = room.people.map((person) => ({ ...person, video: person.id !== 'b' && person.id !== 'e' }));
  room.pass(1000, 'e');
  expect(room.order.slice(0, 4)).toBe('aecd');
});

test('beside a shared screen there is one place less', () => {
  const room = new Room('abcdefgh', { layout: 'presentation', places: 6, sharer: 'a' });
  room.pass(3000, 'h');
  expect(room.order.slice(0, 5)).toContain('h');
});
