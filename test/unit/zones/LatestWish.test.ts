import { expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import { LatestWish } from '#zones/LatestWish.ts';

test('wishes that come while a change is under way become one change, to the last of them', async () => {
  const changes: string[] = [];
  const first = Promise.withResolvers<undefined>();
  const wish = new LatestWish({
    initial: 0,
    apply: async (wished, before) => {
      changes.push(`${before} to ${wished}`);
      if (wished === 1) await first.promise;
    },
    failed: () => expect.unreachable(),
  });
  for (const wished of [1, 2, 3, 4]) wish.set(wished);
  expect(wish.value).toBe(4);
  expect(changes).toEqual(['0 to 1']);
  first.resolve(undefined);
  await waitFor('the second change', () => changes.length === 2);
  expect(changes).toEqual(['0 to 1', '1 to 4']);
});

test('a wish for what is so already changes nothing', () => {
  const wish = new LatestWish({ initial: 'a', apply: () => expect.unreachable(), failed: () => undefined });
  wish.set('a');
  expect(wish.value).toBe('a');
});

test('a change that fails is told, is not tried again by itself, and is with the next wish', async () => {
  const failures: unknown[] = [];
  const changes: boolean[] = [];
  const wish = new LatestWish({
    initial: false,
    apply: (wished) => {
      changes.push(wished);
      return changes.length === 1 ? Promise.reject(new Error('gone')) : Promise.resolve();
    },
    failed: (error) => failures.push(error),
  });
  wish.set(true);
  await waitFor('the failure', () => failures.length === 1);
  expect(changes).toEqual([true]);
  wish.set(true);
  expect(changes).toEqual([true, true]);
});

test('what is wished because a change failed is done', async () => {
  const changes: number[] = [];
  const wish = new LatestWish<number>({
    initial: 0,
    apply: (wished) => {
      changes.push(wished);
      return wished === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
    },
    failed: () => wish.set(2),
  });
  wish.set(1);
  await waitFor('the second change', () => changes.length === 2);
  expect(changes).toEqual([1, 2]);
});
