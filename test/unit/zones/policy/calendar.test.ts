import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testZone } from '#test/support/zoneServices.ts';
import { isInWindow, momentAt, weekdays, type Window } from '#zones/policy/calendar.ts';
import { Grounds } from '#zones/policy/grounds.ts';
import { nextChangeMs } from '#zones/policy/nextChange.ts';
import { asking } from './asking.ts';

const minuteMs = 60_000;
const timeZone = 'Europe/Berlin';
const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2060, 0, 1) });
const changeDays = ['2026-03-28', '2026-03-29', '2026-10-24', '2026-10-25', '2026-11-26'];

/** 01:00 UTC of the last Sunday, when clocks of the EU change (directive 2000/84/EC). */
function changeMs(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0));
  return last.getTime() - last.getUTCDay() * 86_400_000 + 3_600_000;
}

test('in Berlin it is one hour later than UTC, and two in the summer of the EU, whatever the year', () => {
  const property = fc.property(instants, (atMs) => {
    const year = new Date(atMs).getUTCFullYear();
    const summer = atMs >= changeMs(year, 2) && atMs < changeMs(year, 9);
    const local = new Date(atMs + (summer ? 120 : 60) * minuteMs);
    expect(momentAt(atMs, timeZone, [])).toEqual({
      date: local.toISOString().slice(0, 10),
      hour: local.getUTCHours(),
      minute: local.getUTCMinutes(),
      minuteOfDay: local.getUTCHours() * 60 + local.getUTCMinutes(),
      weekday: weekdays[local.getUTCDay()],
      holiday: false,
    });
  });
  fc.assert(property, { numRuns: 500 });
});

test('a holiday is one from midnight to midnight of its place', () => {
  const holiday = (time: string): boolean => momentAt(Date.parse(time), timeZone, ['2026-12-25']).holiday;
  expect(holiday('2026-12-24T22:59:59Z')).toBe(false);
  expect(holiday('2026-12-24T23:00:00Z')).toBe(true);
  expect(holiday('2026-12-25T22:59:59Z')).toBe(true);
  expect(holiday('2026-12-25T23:00:00Z')).toBe(false);
});

test('a window counts from its first minute to the one before its last, on its days', () => {
  const window: Window = { days: ['mon', 'sun'], from: '09:05', to: '24:00' };
  const open = (time: string): boolean => isInWindow(momentAt(Date.parse(time), 'UTC', []), window);
  expect(open('2026-11-29T09:04:59Z')).toBe(false);
  expect(open('2026-11-29T09:05:00Z')).toBe(true);
  expect(open('2026-11-29T23:59:59Z')).toBe(true);
  expect(open('2026-11-30T00:00:00Z')).toBe(false);
  expect(open('2026-11-30T09:05:00Z')).toBe(true);
  expect(open('2026-12-01T09:05:00Z')).toBe(false);
});

function openMinutes(day: string, window: Window): number {
  const start = Date.parse(`${day}T00:00:00Z`) - 120 * minuteMs;
  const minutes = Array.from({ length: 28 * 60 }, (_, minute) =>
    momentAt(start + minute * minuteMs, timeZone, []),
  );
  return minutes.filter((moment) => moment.date === day && isInWindow(moment, window)).length;
}

test('a window from two to three is not there when clocks go forward, and twice as long when they go back', () => {
  const window: Window = { days: ['sun'], from: '02:00', to: '03:00' };
  expect(openMinutes('2026-03-29', window)).toBe(0);
  expect(openMinutes('2026-10-25', window)).toBe(120);
  expect(openMinutes('2026-11-01', window)).toBe(60);
});

const times = fc
  .uniqueArray(fc.integer({ min: 0, max: 1440 }), { minLength: 2, maxLength: 2 })
  .map((pair) => pair.sort((a, b) => a - b).map(timeOf) as [string, string]);
const windows = fc.array(
  fc
    .record({ days: fc.subarray([...weekdays], { minLength: 1 }), times })
    .map(({ days, times: [from, to] }) => ({ days, from, to })),
  { minLength: 1, maxLength: 3 },
);

function timeOf(minuteOfDay: number): string {
  return [Math.floor(minuteOfDay / 60), minuteOfDay % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

test('until the next change a partner is judged as now, and at it otherwise, also over changes of the clock', () => {
  const moment = fc.record({
    day: fc.constantFrom(...changeDays),
    minute: fc.integer({ min: 0, max: 1439 }),
  });
  const property = fc.property(
    windows,
    moment,
    fc.double({ min: 0, max: 1, noNaN: true }),
    (windows, { day, minute }, part) => {
      const partner = {
        name: 'acme',
        domains: ['acme.example'],
        contact: 'a@acme.example',
        agreement: '17',
        windows,
        expires: '2099-12-31',
      };
      const zone = testZone([{ name: 'welcome' }], { partners: [partner], time_zone: timeZone });
      const grounds = new Grounds(zone);
      const passes = (atMs: number): boolean => grounds.judge(asking({ party: 'acme', atMs })).pass;
      const nowMs = Date.parse(`${day}T00:00:00Z`) + minute * minuteMs + 1_234;
      const dueMs = nextChangeMs(zone, nowMs);
      const endMs = dueMs ?? nowMs + 36 * 60 * minuteMs;
      expect(passes(nowMs + Math.floor((endMs - 1 - nowMs) * part))).toBe(passes(nowMs));
      if (dueMs !== undefined)
        expect([passes(dueMs - 1), passes(dueMs)]).toEqual([passes(nowMs), !passes(nowMs)]);
    },
  );
  fc.assert(property, { numRuns: 30 });
});
