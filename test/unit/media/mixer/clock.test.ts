import { expect, test } from 'vitest';
import { Lateness } from '#media/mixer/audio/lateness.ts';
import { ArrivalClock, TickClock } from '#media/mixer/audio/tickClock.ts';

/** Runs all ticks that are due. */
function catchUp(clock: TickClock, nowMs: number): number {
  let ticks = 0;
  for (; clock.isDue(nowMs); ticks += 1) clock.advance();
  return ticks;
}

test('deadlines stand still however late a tick is', () => {
  const clock = new TickClock(1000);
  expect(catchUp(clock, 1000)).toBe(1);
  expect(catchUp(clock, 1033)).toBe(1);
  expect(clock.nextMs).toBe(1040);
  expect(clock.timeoutMs(1033)).toBe(7);
});

test('late ticks are made up for, up to a bound; what is beyond is given up', () => {
  const clock = new TickClock(0);
  expect(clock.giveUp(190)).toBe(0);
  expect(catchUp(clock, 190)).toBe(10);
  expect(clock.giveUp(5000)).toBe(230);
  expect(catchUp(clock, 5000)).toBe(11);
  expect(clock.nextMs).toBe(5020);
});

test('a timer that comes a little early does not skip its tick, one that comes much earlier waits', () => {
  const clock = new TickClock(100);
  expect(clock.isDue(98)).toBe(false);
  expect(clock.timeoutMs(98)).toBe(2);
  expect(clock.isDue(99.2)).toBe(true);
});

test('arrival times follow the wall clock when it is set, and are not moved by errors of reading', () => {
  const clock = new ArrivalClock();
  clock.observe(1_000_000, 500);
  for (let tick = 1; tick < 100; tick += 1)
    clock.observe(1_000_000 + tick * 20 + (tick % 2), 500 + tick * 20);
  expect(clock.toMonotonicMs(1_002_000)).toBeCloseTo(2500, 0);
  clock.observe(9_000_000, 2520);
  expect(clock.toMonotonicMs(9_000_000)).toBe(2520);
});

test('lateness is told as quantiles of all ticks', () => {
  const lateness = new Lateness();
  for (let index = 0; index < 990; index += 1) lateness.add(0.5);
  for (let index = 0; index < 10; index += 1) lateness.add(30);
  lateness.add(500);
  const { p50, p99, max } = lateness.summary();
  expect(p50).toBeCloseTo(0.6, 5);
  expect(p99).toBeCloseTo(30.1, 5);
  expect(max).toBe(500);
  expect(new Lateness().summary()).toEqual({ p50: 0, p99: 0, max: 0 });
});
