import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SerialQueue } from '#kernel/index.ts';

test('tasks run one after the other, in the order they came, however long each takes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 10 }), async (turns) => {
      const queue = new SerialQueue();
      const events: string[] = [];
      const tasks = turns.map((count, index) =>
        queue.run(async () => {
          events.push(`begin ${index}`);
          for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
          events.push(`end ${index}`);
        }),
      );
      await Promise.all(tasks);
      expect(events).toEqual(turns.flatMap((_, index) => [`begin ${index}`, `end ${index}`]));
    }),
    { numRuns: 50 },
  );
});

test('a failed task rejects for its caller and does not stop the next one', async () => {
  const queue = new SerialQueue();
  const failed = queue.run(() => {
    throw new Error('no');
  });
  const next = queue.run(() => 'yes');
  await expect(failed).rejects.toThrow('no');
  await expect(next).resolves.toBe('yes');
});

test('it knows how many wait or run', async () => {
  const queue = new SerialQueue();
  const gate = Promise.withResolvers<undefined>();
  const tasks = [queue.run(() => gate.promise), queue.run(() => undefined)];
  expect(queue.pending).toBe(2);
  gate.resolve(undefined);
  await Promise.all(tasks);
  expect(queue.pending).toBe(0);
});

test('a closed queue ends what it has and takes no more', async () => {
  const queue = new SerialQueue();
  const events: string[] = [];
  const running = queue.run(async () => {
    await Promise.resolve();
    events.push('ran');
  });
  const closing = queue.close();
  await expect(queue.run(() => events.push('too late'))).rejects.toMatchObject({ code: 'closed' });
  await closing;
  await running;
  expect(events).toEqual(['ran']);
});
