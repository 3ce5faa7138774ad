import type { ZoneConfig } from '../config/schema.ts';
import { isInWindow, momentAt, type Moment } from './calendar.ts';

const minuteMs = 60_000;
/** Nothing that ends by the clock is looked for further ahead than this; then it is looked again. */
const horizonMinutes = 36 * 60;

/**
 * When the configuration next says something else than now (a partner's window, the end of an agreement, the guests' review),
 * milliseconds since 1970; undefined when not within a day and a half. By trying each minute, which is right over every change of the clock.
 */
export function nextChangeMs(
  zone: Pick<ZoneConfig, 'partners' | 'guests' | 'time_zone' | 'holidays'>,
  nowMs: number,
): number | undefined {
  const stateAt = (atMs: number): string => state(zone, momentAt(atMs, zone.time_zone, zone.holidays));
  const now = stateAt(nowMs);
  const nextMinuteMs = (Math.floor(nowMs / minuteMs) + 1) * minuteMs;
  for (let minute = 0; minute < horizonMinutes; minute += 1) {
    const atMs = nextMinuteMs + minute * minuteMs;
    if (stateAt(atMs) !== now) return atMs;
  }
  return undefined;
}

function state({ partners, guests }: Pick<ZoneConfig, 'partners' | 'guests'>, now: Moment): string {
  const open = partners.map(
    ({ windows, expires }) =>
      now.date <= expires && (windows.length === 0 || windows.some((window) => isInWindow(now, window))),
  );
  return [now.date <= guests.review_by, ...open].join();
}
