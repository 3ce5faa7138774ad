import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StandingDials, type StandingEntry } from '#zones/rooms/StandingDials.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A call under way at the far end. */
interface Made {
  readonly uri: string;
  readonly atMs: number;
  readonly signal: AbortSignal;
  readonly answer: () => void;
  readonly end: () => void;
  readonly fail: () => void;
}

const welcome: StandingEntry = { room: 'board', uri: 'sips:welcome@meet.example', redialMs: 30_000 };
const other: StandingEntry = { room: 'lab', uri: 'sips:lab@meet.example', redialMs: 5000 };

function standing(random = 0): { dials: StandingDials; made: Made[] } {
  const began = Date.now();
  const made: Made[] = [];
  const dials = new StandingDials({
    entries: [welcome, other],
    random: () => random,
    dial: ({ uri }, answer, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      signal.addEventListener('abort', () => resolve(undefined));
      const atMs = Date.now() - began;
      const fail = (): void => reject(new Error('unreachable'));
      made.push({ uri, atMs, signal, answer, end: () => resolve(undefined), fail });
      return promise;
    },
  });
  return { dials, made };
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

test('when the first comes into a room its entry is called, once, and no other room’s', async () => {
  const { dials, made } = standing();
  dials.occupied('board', 1);
  dials.occupied('board', 2);
  await pass(600_000);
  expect(made.map(({ uri }) => uri)).toEqual(['sips:welcome@meet.example']);
});

test('a call that is lost is made again after the interval', async () => {
  const { dials, made } = standing();
  dials.occupied('board', 1);
  made[0]?.answer();
  await pass(60_000);
  made[0]?.end();
  await pass(29_999);
  expect(made).toHaveLength(1);
  await pass(1);
  expect(made).toHaveLength(2);
});

test('a far end that does not answer is called less and less, at most every sixteen intervals or quarter of an hour', async () => {
  const slow = { ...welcome, redialMs: 300_000 };
  const began = Date.now();
  const times: Record<string, number[]> = { [slow.uri]: [], [other.uri]: [] };
  const dials = new StandingDials({
    entries: [slow, other],
    random: () => 0,
    dial: ({ uri }) => {
      times[uri]?.push((Date.now() - began) / 1000);
      return Promise.reject(new Error('unreachable'));
    },
  });
  dials.occupied('board', 1);
  dials.occupied('lab', 1);
  await pass(3_000_000);
  expect(times[other.uri]?.slice(0, 8)).toEqual([0, 5, 15, 35, 75, 155, 235, 315]);
  expect(times[slow.uri]).toEqual([0, 300, 900, 1800, 2700]);
  await dials.close('test');
});

test('a call that held for a while makes the pause short again', async () => {
  const { dials, made } = standing();
  dials.occupied('lab', 1);
  made[0]?.fail();
  await pass(5000);
  made[1]?.fail();
  await pass(10_000);
  made[2]?.answer();
  await pass(30_000);
  made[2]?.end();
  await pass(5000);
  expect(made).toHaveLength(4);
});

test('a call that is ended as soon as it is answered counts as failed', async () => {
  const { dials, made } = standing();
  dials.occupied('lab', 1);
  made[0]?.answer();
  made[0]?.end();
  await pass(5000);
  made[1]?.answer();
  await pass(1000);
  made[1]?.end();
  await pass(9999);
  expect(made).toHaveLength(2);
  await pass(1);
  expect(made).toHaveLength(3);
});

test('pauses are spread by up to a fifth', async () => {
  const { dials, made } = standing(0.5);
  dials.occupied('board', 1);
  made[0]?.fail();
  await pass(32_999);
  expect(made).toHaveLength(1);
  await pass(1);
  expect(made).toHaveLength(2);
});

test('when only standing calls are left they are given up, and none is made until somebody comes', async () => {
  const { dials, made } = standing();
  dials.occupied('board', 1);
  made[0]?.answer();
  await pass(1000);
  dials.occupied('board', 0);
  expect(made[0]?.signal.aborted).toBe(true);
  await pass(3_600_000);
  expect(made).toHaveLength(1);
  dials.occupied('board', 1);
  expect(made).toHaveLength(2);
});

test('a pause ends with the last who leaves, and who comes next is called for at once', async () => {
  const { dials, made } = standing();
  dials.occupied('board', 1);
  made[0]?.fail();
  await pass(1000);
  dials.occupied('board', 0);
  await pass(60_000);
  expect(made).toHaveLength(1);
  dials.occupied('board', 1);
  expect(made).toHaveLength(2);
});

test('who comes back while the call is being given up gets another, and never two at once', async () => {
  const { dials, made } = standing();
  dials.occupied('board', 1);
  dials.occupied('board', 0);
  dials.occupied('board', 1);
  expect(made).toHaveLength(1);
  await pass(0);
  expect(made).toHaveLength(2);
  expect(made[1]?.signal.aborted).toBe(false);
});

test('closed, it gives up what is under way and makes no call any more', async () => {
  const { dials, made } = standing();
  dials.occupied('board', 1);
  dials.occupied('lab', 1);
  made[1]?.fail();
  await pass(1000);
  await dials.close('test');
  await dials.close('again');
  expect(made[0]?.signal.aborted).toBe(true);
  dials.occupied('lab', 2);
  await pass(3_600_000);
  expect(made).toHaveLength(2);
});
