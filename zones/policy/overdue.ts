import type { ZoneConfig } from '../config/schema.ts';
import { momentAt } from './calendar.ts';

/** A date of the configuration, and what to say when it has passed. */
export interface Deadline {
  /** The same for the same date of the same zone. */
  readonly cause: string;
  readonly overdue: boolean;
  /** Without a name of anybody: it is logged. */
  readonly text: string;
}

/** The guests' review and the end of each agreement, at `atMs` (milliseconds since 1970) in the zone's time zone. Pure. */
export function deadlines(
  { guests, partners, time_zone: timeZone, holidays }: DatesConfig,
  atMs: number,
): readonly Deadline[] {
  const { date } = momentAt(atMs, timeZone, holidays);
  const review: Deadline = {
    cause: 'review of guests',
    overdue: guests.model !== 'deny' && date > guests.review_by,
    text: `the guest policy was to be reviewed by ${guests.review_by}; guests are denied until its owner has, and writes a later day into guests.review_by`,
  };
  const agreements = partners.map(({ name, agreement, expires }) => ({
    cause: `agreement of ${name}`,
    overdue: date > expires,
    text: `agreement ${agreement} has expired on ${expires}; its partner is denied until partners.expires names a later day`,
  }));
  return [review, ...agreements];
}

type DatesConfig = Pick<ZoneConfig, 'guests' | 'partners' | 'time_zone' | 'holidays'>;
