import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PolicyDecision } from '#zones/policy/contract.ts';
import { nextRecheckMs } from '#zones/rooms/nextRecheckMs.ts';
import { Recheck, type RecheckEvent, type RecheckOptions } from '#zones/rooms/Recheck.ts';
import { Turns } from '#zones/rooms/Turns.ts';
import { decisionOf } from './decision.ts';

const noon = Date.UTC(2026, 10, 26, 12, 0, 0);

beforeEach(() => {
  vi.useFakeTimers({ now: noon + 7_300 });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Watch {
  readonly recheck: Recheck;
  readonly events: RecheckEvent[];
  /** `id at second of the hour` of each decision. */
  readonly decided: string[];
  readonly failures: unknown[];
  readonly denied: Set<string>;
}

function watch(options: Partial<RecheckOptions> = {}): Watch {
  const events: RecheckEvent[] = [];
  const decided: string[] = [];
  const failures: unknown[] = [];
  const denied = new Set<string>();
  const recheck = new Recheck({
    everyMs: 15_000,
    warningMs: 30_000,
    decide: (id) => {
      decided.push(`${id} at ${Math.round((Date.now() - noon) / 1000)}`);
      return Promise.resolve(decisionOf(denied.has(id) ? 'deny' : 'allow'));
    },
    emit: (event) => events.push(event),
    failed: (_id, error) => failures.push(error),
    ...options,
  });
  return { recheck, events, decided, failures, denied };
}

test('everybody is decided again at the quarters of each minute, and at its beginning', async () => {
  const { recheck, decided } = watch();
  await using _ = recheck;
  recheck.add('a');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(decided).toEqual(['a at 15', 'a at 30', 'a at 45', 'a at 60']);
});

test('an interval that does not divide the minute or the hour still hits its beginning', () => {
  function times(everyMs: number, until: number): number[] {
    const all: number[] = [];
    let nowMs = noon;
    while (nowMs < noon + until) all.push(((nowMs = nextRecheckMs(nowMs, everyMs)) - noon) / 1000);
    return all;
  }
  expect(times(25_000, 120_000)).toEqual([25, 50, 60, 85, 110, 120]);
  expect(times(300_000, 900_000)).toEqual([300, 600, 900]);
  expect(times(240_000, 3_600_000).at(-1)).toBe(3600);
});

test('who is still allowed notices nothing', async () => {
  const { recheck, events } = watch();
  await using _ = recheck;
  recheck.add('a');
  await vi.advanceTimersByTimeAsync(120_000);
  expect(events).toEqual([]);
});

test('who is no longer allowed is warned at once, and ends after the warning by the last decision', async () => {
  const { recheck, events, denied, decided } = watch();
  await using _ = recheck;
  recheck.add('a');
  recheck.add('b');
  denied.add('a');
  await vi.advanceTimersByTimeAsync(8000);
  // The clock of the test moves on a millisecond with each turn of the event loop.
  expect(events).toMatchObject([{ type: 'warn', id: 'a', endsAtMs: noon + 45_001 }]);
  await vi.advanceTimersByTimeAsync(29_600);
  expect(events).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(events[1]).toMatchObject({ type: 'end', id: 'a', decision: { effect: 'deny' } });
  expect(events[1]?.decision.id).not.toBe(events[0]?.decision.id);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(events).toHaveLength(2);
  expect(decided.filter((line) => line.startsWith('a at 6'))).toEqual([]);
});

test('who is allowed again before the end stays, and is warned again another time', async () => {
  const { recheck, events, denied } = watch();
  await using _ = recheck;
  recheck.add('a');
  denied.add('a');
  await recheckNow(recheck);
  denied.delete('a');
  await recheckNow(recheck);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(events.map(({ type }) => type)).toEqual(['warn', 'relent']);
  denied.add('a');
  await recheckNow(recheck);
  expect(events.map(({ type }) => type)).toEqual(['warn', 'relent', 'warn']);
});

test('without a warning time the end is at once', async () => {
  const { recheck, events, denied } = watch({ warningMs: 0 });
  await using _ = recheck;
  recheck.add('a');
  denied.add('a');
  await recheckNow(recheck);
  expect(events).toMatchObject([{ type: 'end', id: 'a' }]);
});

test('a call that has ended is neither decided nor ended', async () => {
  const { recheck, events, denied, decided } = watch();
  await using _ = recheck;
  recheck.add('a');
  denied.add('a');
  await recheckNow(recheck);
  recheck.remove('a');
  await vi.advanceTimersByTimeAsync(120_000);
  expect(decided).toHaveLength(1);
  expect(events).toHaveLength(1);
});

test('a decision that comes after its call has ended changes nothing', async () => {
  const answer = Promise.withResolvers<PolicyDecision>();
  const { recheck, events } = watch({ decide: () => answer.promise });
  await using _ = recheck;
  recheck.add('a');
  const round = recheckNow(recheck);
  await vi.advanceTimersByTimeAsync(10);
  recheck.remove('a');
  answer.resolve(decisionOf('deny'));
  await round;
  expect(events).toEqual([]);
});

test('what changes while a round is under way is decided in another one, however often it changes', async () => {
  const answers: PromiseWithResolvers<PolicyDecision>[] = [];
  const { recheck } = watch({
    decide: () => {
      const answer = Promise.withResolvers<PolicyDecision>();
      answers.push(answer);
      return answer.promise;
    },
  });
  await using _ = recheck;
  recheck.add('a');
  const rounds = [recheck.trigger(), recheck.trigger(), recheck.trigger()];
  await vi.advanceTimersByTimeAsync(10);
  expect(answers).toHaveLength(1);
  answers[0]?.resolve(decisionOf('allow'));
  await vi.advanceTimersByTimeAsync(10);
  expect(answers).toHaveLength(2);
  answers[1]?.resolve(decisionOf('allow'));
  await Promise.all(rounds);
  expect(answers).toHaveLength(2);
});

test('when no decision comes the call is as it was, and that is told', async () => {
  const { recheck, events, failures } = watch({ decide: () => Promise.reject(new Error('no statistics')) });
  await using _ = recheck;
  recheck.add('a');
  await recheckNow(recheck);
  expect(failures).toMatchObject([{ message: 'no statistics' }]);
  expect(events).toEqual([]);
});

test('no more decisions are under way than were agreed, and a new one takes the place of each', async () => {
  let underWay = 0;
  let most = 0;
  const { recheck } = watch({
    concurrency: 4,
    decide: async () => {
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => setTimeout(resolve, 10));
      underWay -= 1;
      return decisionOf('allow');
    },
  });
  await using _ = recheck;
  for (let index = 0; index < 20; index += 1) recheck.add(`${index}`);
  await recheckNow(recheck);
  expect(most).toBe(4);
});

test('a room of sixty is decided within half a second, and nothing else waits longer than two decisions', async () => {
  vi.useRealTimers();
  const decisionMs = 2;
  const { recheck } = watch({
    decide: () => {
      const untilMs = performance.now() + decisionMs;
      while (performance.now() < untilMs);
      return Promise.resolve(decisionOf('allow'));
    },
  });
  await using _ = recheck;
  for (let index = 0; index < 60; index += 1) recheck.add(`${index}`);
  const waits: number[] = [];
  let beganMs = performance.now();
  const state = { done: false };
  const round = recheck.trigger().then(() => (state.done = true));
  const startedMs = beganMs;
  while (!state.done) {
    await new Promise((resolve) => setImmediate(resolve));
    waits.push(performance.now() - beganMs);
    beganMs = performance.now();
  }
  await round;
  expect(performance.now() - startedMs).toBeLessThan(500);
  expect(waits.length).toBeGreaterThan(50);
  expect(waits.sort((a, b) => a - b)[Math.floor(waits.length / 2)]).toBeLessThan(2 * decisionMs);
});

test('rooms that share their turns do not decide in one turn of the event loop', async () => {
  vi.useRealTimers();
  const turns = new Turns();
  const inTurn: number[] = [];
  let turn = 0;
  const rooms = [1, 2, 3].map(() =>
    watch({
      turns,
      decide: () => {
        inTurn.push(turn);
        return Promise.resolve(decisionOf('allow'));
      },
    }),
  );
  for (const { recheck } of rooms) for (const id of ['a', 'b']) recheck.add(id);
  const state = { done: false };
  const rounds = Promise.all(rooms.map(({ recheck }) => recheck.trigger())).then(() => (state.done = true));
  while (!state.done) {
    await new Promise((resolve) => setImmediate(resolve));
    turn += 1;
  }
  await rounds;
  expect(new Set(inTurn).size).toBe(6);
  for (const { recheck } of rooms) await recheck.close('test');
});

test('closed, it decides no more and ends nobody', async () => {
  const { recheck, events, denied, decided } = watch();
  recheck.add('a');
  denied.add('a');
  await recheckNow(recheck);
  await recheck.close('test');
  await recheck.close('again');
  recheck.add('b');
  await vi.advanceTimersByTimeAsync(120_000);
  expect(decided).toHaveLength(1);
  expect(events).toHaveLength(1);
});

/** A round by itself, with the turns of the event loop that it takes. */
async function recheckNow(recheck: Recheck): Promise<void> {
  const round = recheck.trigger();
  await vi.advanceTimersByTimeAsync(100);
  await round;
}
