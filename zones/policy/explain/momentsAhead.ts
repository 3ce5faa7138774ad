import type { ZoneConfig } from '../../config/schema.ts';
import { nextChangeMs } from '../nextChange.ts';

const quarterMs = 15 * 60_000;
const aheadMs = 8 * 86_400_000;

/**
 * Points in time of the next eight days at which a decision may be another, in their order, milliseconds since 1970: those that the
 * configuration names, to the minute, and for the clock in policies each quarter of an hour.
 */
export function momentsAhead(zone: ZoneConfig, fromMs: number): readonly number[] {
  const endMs = fromMs + aheadMs;
  const moments: number[] = [];
  for (let atMs = (Math.floor(fromMs / quarterMs) + 1) * quarterMs; atMs <= endMs; atMs += quarterMs) {
    moments.push(atMs);
  }
  // What is looked for ends a day and a half ahead; then it goes on from there.
  for (let atMs = fromMs; atMs < endMs;) {
    const changeMs = nextChangeMs(zone, atMs);
    if (changeMs !== undefined) moments.push(changeMs);
    atMs = changeMs ?? atMs + 36 * 3_600_000;
  }
  return moments.sort((one, other) => one - other);
}
