import { afterEach, expect, test, vi } from 'vitest';
import { request } from '../policyServer/asking.ts';
import { PolicyStage } from './PolicyStage.ts';

const dayMs = 86_400_000;
const berlin = { time_zone: 'Europe/Berlin' };
const guests = { model: 'allow', owner: 'ann@example.org', review_by: '2026-10-25' };
const acme = {
  name: 'acme',
  domains: ['acme.example'],
  contact: 'video@acme.example',
  agreement: '17',
  expires: '2026-10-26',
};

function clock(time: string): void {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date(time) });
}

afterEach(() => void vi.useRealTimers());

test('when the review date passes, it is told at that minute without any call, and guests are denied from then on', async () => {
  // In Berlin the 25th has 25 hours, and ends at 23:00 UTC.
  clock('2026-10-25T22:59:00Z');
  await using stage = await PolicyStage.open({ more: { ...berlin, guests } });
  const decide = () => stage.engine.decide({ ...request, atMs: Date.now() });
  expect(await decide()).toMatchObject({ effect: 'allow' });
  await vi.advanceTimersByTimeAsync(59_000);
  expect(stage.alarms).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stage.changes).toEqual(['a window, agreement or review date']);
  expect(stage.alarms).toEqual([expect.stringContaining('was to be reviewed by 2026-10-25') as string]);
  expect(await decide()).toMatchObject({
    effect: 'deny',
    decidedBy: 'guests',
    policies: ['guests: review date passed'],
  });
  await vi.advanceTimersByTimeAsync(3 * dayMs);
  expect(stage.alarms).toHaveLength(1);
});

test('a date that has passed before the start is told to whoever listens, without the name of anybody', async () => {
  clock('2026-12-01T12:00:00Z');
  await using stage = await PolicyStage.open({ more: { ...berlin, guests, partners: [acme] } });
  expect(stage.alarms).toHaveLength(2);
  expect(stage.alarms[1]).toContain('agreement 17 has expired on 2026-10-26');
  expect(stage.alarms.join()).not.toMatch(/ann|acme/);
});

test('a zone that takes no guests has no review to miss', async () => {
  clock('2026-12-01T12:00:00Z');
  await using stage = await PolicyStage.open({ more: { guests: { ...guests, model: 'deny' } } });
  expect(stage.alarms).toEqual([]);
});

test('a clock that is put back takes the alarm back, which comes again in time', async () => {
  clock('2026-10-26T12:00:00Z');
  await using stage = await PolicyStage.open({ more: { ...berlin, guests } });
  expect(stage.alarms).toHaveLength(1);
  vi.setSystemTime(new Date('2026-10-24T12:00:00Z'));
  await vi.advanceTimersByTimeAsync(dayMs);
  const later: string[] = [];
  stage.engine.on('alarm', (text) => later.push(text));
  expect(later).toEqual([]);
  await vi.advanceTimersByTimeAsync(dayMs);
  expect(stage.alarms).toHaveLength(2);
});

test('the beginning and the end of a partner’s window are told to the minute', async () => {
  clock('2026-11-26T07:00:00Z');
  const windows = [{ days: ['thu'], from: '09:00', to: '10:30' }];
  const partner = { ...acme, expires: '2027-12-31', windows };
  const more = { ...berlin, guests: { ...guests, review_by: '2099-12-31' }, partners: [partner] };
  await using stage = await PolicyStage.open({ more });
  const effect = async (): Promise<string> =>
    (await stage.engine.decide({ ...request, party: 'acme', atMs: Date.now() })).effect;
  expect(await effect()).toBe('deny');
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect([stage.changes.length, await effect()]).toEqual([1, 'allow']);
  await vi.advanceTimersByTimeAsync(90 * 60_000 - 1);
  expect([stage.changes.length, await effect()]).toEqual([1, 'allow']);
  await vi.advanceTimersByTimeAsync(1);
  expect([stage.changes.length, await effect()]).toEqual([2, 'deny']);
});
