import { expect, test } from 'vitest';
import { waitFor } from '#test/support/waitFor.ts';
import { Reoffers } from '#zones/Reoffers.ts';

const intervalMs = 80;

test('offers are made one at a time and never faster than the interval, however often they are wanted', async () => {
  const startsMs: number[] = [];
  let underWay = 0;
  await using reoffers = new Reoffers({
    intervalMs,
    make: async () => {
      underWay += 1;
      expect(underWay).toBe(1);
      startsMs.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
      reoffers.want();
    },
    failed: () => expect.unreachable(),
  });
  for (let wish = 0; wish < 100; wish += 1) reoffers.want();
  await waitFor('three offers', () => startsMs.length >= 3);
  const gapsMs = startsMs.slice(1).map((startMs, index) => startMs - (startsMs[index] ?? 0));
  // A timer may be a millisecond early.
  expect(Math.min(...gapsMs)).toBeGreaterThan(intervalMs - 2);
});

test('an offer that fails while another is wanted is followed by that one, and is no failure', async () => {
  const failures: unknown[] = [];
  let made = 0;
  await using reoffers = new Reoffers({
    intervalMs,
    make: () => {
      made += 1;
      if (made === 1) reoffers.want();
      return made === 1 ? Promise.reject(new Error('replaced')) : Promise.resolve();
    },
    failed: (error) => failures.push(error),
  });
  reoffers.want();
  await waitFor('the second offer', () => made === 2);
  expect(failures).toEqual([]);
});

test('the failure of the last offer is told', async () => {
  const failed = Promise.withResolvers<unknown>();
  await using reoffers = new Reoffers({
    intervalMs,
    make: () => Promise.reject(new Error('refused')),
    failed: failed.resolve,
  });
  reoffers.want();
  expect(await failed.promise).toMatchObject({ message: 'refused' });
});

test('nothing is made once it is closed', async () => {
  let made = 0;
  const reoffers = new Reoffers({
    intervalMs: 60_000,
    make: () => Promise.resolve(void (made += 1)),
    failed: () => expect.unreachable(),
  });
  reoffers.want();
  reoffers.want();
  await reoffers.close('test');
  reoffers.want();
  await new Promise((resolve) => setImmediate(resolve));
  expect(made).toBe(1);
});
