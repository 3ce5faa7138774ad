import { expect, test } from 'vitest';
import { KeyFramePace } from '#media/mixer/video/rtp/KeyFramePace.ts';

test('the first request is honoured at once, those within the interval together at its end', () => {
  const pace = new KeyFramePace(1000);
  expect(pace.due(0)).toBe(false);
  expect(pace.request(10)).toBe(true);
  expect(pace.due(10)).toBe(false);
  expect([pace.request(20), pace.request(900), pace.due(1009)]).toEqual([false, false, false]);
  expect([pace.due(1010), pace.due(1011)]).toEqual([true, false]);
  expect(pace.request(1500)).toBe(false);
});

test('a request after the interval also serves the one that waits', () => {
  const pace = new KeyFramePace(1000);
  pace.request(0);
  pace.request(500);
  expect(pace.request(1200)).toBe(true);
  expect(pace.due(1300)).toBe(false);
  expect(pace.due(2200)).toBe(false);
});
