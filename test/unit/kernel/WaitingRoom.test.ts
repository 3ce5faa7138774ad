import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WaitingRoom } from '#kernel/index.ts';

interface Guest {
  readonly name: string;
}

function room(total: number, perSource: number): { room: WaitingRoom<Guest>; out: string[] } {
  const out: string[] = [];
  return { room: new WaitingRoom({ total, perSource }, ({ name }) => out.push(name)), out };
}

test('a source over its limit loses its own oldest', () => {
  const { room: waiting, out } = room(10, 2);
  waiting.enter('other', { name: 'other 1' });
  for (const name of ['a 1', 'a 2', 'a 3']) waiting.enter('a', { name });
  expect(out).toEqual(['a 1']);
  expect(waiting.size).toBe(3);
});

test('a full room puts out the oldest of the source that holds most, not the one who was there first', () => {
  const { room: waiting, out } = room(4, 4);
  waiting.enter('quiet', { name: 'quiet 1' });
  for (const name of ['flood 1', 'flood 2', 'flood 3']) waiting.enter('flood', { name });
  waiting.enter('new', { name: 'new 1' });
  expect(out).toEqual(['flood 1']);
});

test('who has left cannot be put out', () => {
  const { room: waiting, out } = room(1, 1);
  const guest = { name: 'a' };
  waiting.enter('a', guest);
  waiting.leave(guest);
  waiting.leave(guest);
  waiting.enter('b', { name: 'b' });
  expect(out).toEqual([]);
  waiting.clear();
  expect(out).toEqual(['b']);
  expect(waiting.size).toBe(0);
});

test('neither limit is ever passed, and all who entered have left, been put out or are there', () => {
  const steps = fc.array(fc.record({ source: fc.nat(3), leaves: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (visits) => {
      const { room: waiting, out } = room(5, 3);
      let left = 0;
      for (const [index, { source, leaves }] of visits.entries()) {
        const guest = { name: String(index) };
        waiting.enter(String(source), guest);
        expect(waiting.size).toBeLessThanOrEqual(5);
        if (leaves) {
          waiting.leave(guest);
          left += 1;
        }
      }
      expect(left + out.length + waiting.size).toBe(visits.length);
    }),
  );
});
