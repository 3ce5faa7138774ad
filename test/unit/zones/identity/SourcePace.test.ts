import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SourcePace } from '#zones/identity/SourcePace.ts';

const one = '192.0.2.1';
const other = '192.0.2.2';

/** Tries as fast as it may; returns the delay after each wrong code. */
function guess(pace: SourcePace, source: string, times: number, fromMs = 0): number[] {
  let nowMs = fromMs;
  return Array.from({ length: times }, () => {
    nowMs += pace.delayMs(source, nowMs);
    pace.failed(source, nowMs);
    return pace.delayMs(source, nowMs);
  });
}

test('three wrong codes are free, then the delay doubles up to a minute', () => {
  expect(guess(new SourcePace(), one, 12)).toEqual([
    0, 0, 0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
  ]);
});

test('a thousand wrong codes of one source leave another as it was', () => {
  const pace = new SourcePace();
  guess(pace, one, 1000);
  expect(pace.delayMs(other, 0)).toBe(0);
});

test('the delay passes with time, and then one more wrong code makes it long again', () => {
  const pace = new SourcePace();
  pace.failed(one, 0);
  guess(pace, one, 3, 1);
  expect(pace.delayMs(one, 501)).toBe(500);
  expect(pace.delayMs(one, 1001)).toBe(0);
  pace.failed(one, 1001);
  expect(pace.delayMs(one, 1001)).toBe(2000);
});

test('who does nothing wrong for an hour starts afresh, however much he did before', () => {
  const pace = new SourcePace();
  let nowMs = 0;
  for (let index = 0; index < 500; index += 1) {
    nowMs += pace.delayMs(one, nowMs);
    pace.failed(one, nowMs);
  }
  expect(guess(pace, one, 4, nowMs + 3_600_000)).toEqual([0, 0, 0, 1000]);
});

test('an IPv6 network is one source, its neighbour another', () => {
  const pace = new SourcePace();
  for (let index = 1; index <= 4; index += 1) pace.failed(`2001:db8::${index}`, 0);
  expect(pace.delayMs('2001:db8::ffff', 0)).toBe(1000);
  expect(pace.delayMs('2001:db8:0:1::1', 0)).toBe(0);
});

test('who guesses from many networks of one IPv6 site is slowed down as well, and another site is not', () => {
  const pace = new SourcePace();
  const waits = Array.from({ length: 60 }, (_, index) => {
    const address = `2001:db8:7:${index.toString(16)}::1`;
    const waitMs = pace.delayMs(address, 0);
    pace.failed(address, 0);
    return waitMs;
  });
  expect(waits.slice(0, 49)).toEqual(Array(49).fill(0));
  expect(waits.slice(49, 52)).toEqual([1000, 2000, 4000]);
  expect(waits.at(-1)).toBe(5000);
  expect(pace.delayMs('2001:db8:8::1', 0)).toBe(0);
});

test('a right code makes up for mistyped ones, but not again and again', () => {
  const pace = new SourcePace();
  guess(pace, one, 3);
  pace.succeeded(one, 0);
  expect(guess(pace, one, 3)).toEqual([0, 0, 0]);
  pace.succeeded(one, 1000);
  expect(guess(pace, one, 1, 1000)).toEqual([1000]);
});

test('who knows one PIN cannot guess at another much faster by typing the one he knows', () => {
  const pace = new SourcePace();
  let nowMs = 0;
  let guesses = 0;
  while (nowMs < 3_600_000) {
    nowMs += Math.max(1, pace.delayMs(one, nowMs));
    pace.failed(one, nowMs);
    pace.succeeded(one, nowMs);
    guesses += 1;
  }
  expect(guesses).toBeLessThan(400);
});

test('memory is bounded: the source that was wrong the longest ago is forgotten first', () => {
  const pace = new SourcePace({ sources: 100 });
  guess(pace, one, 5);
  for (let index = 0; index < 1000; index += 1) {
    pace.failed(`198.51.${index >> 8}.${index & 255}`, 10_000 + index);
    if (index === 50) pace.failed(one, 11_000);
  }
  expect(pace.size).toBe(100);
  expect(pace.delayMs(one, 11_000)).toBe(0);
  expect(pace.delayMs('198.51.3.231', 11_000)).toBe(0);
});

test('no delay is ever negative, longer than the longest, or of anybody who was not wrong', () => {
  const source = fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1', '2001:db8:0:1::1');
  const step = fc.record({ source, forwardMs: fc.nat(400_000), right: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pace = new SourcePace();
      const wrong = new Map<string, number>();
      let nowMs = 0;
      for (const { source, forwardMs, right } of steps) {
        nowMs += forwardMs;
        if (right) pace.succeeded(source, nowMs);
        else {
          pace.failed(source, nowMs);
          wrong.set(source, (wrong.get(source) ?? 0) + 1);
        }
        for (const each of ['10.0.0.1', '10.0.0.2', '2001:db8::1', '2001:db8:0:1::1']) {
          const delayMs = pace.delayMs(each, nowMs);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(60_000);
          if ((wrong.get(each) ?? 0) <= 3) expect(delayMs).toBe(0);
        }
      }
    }),
  );
});
