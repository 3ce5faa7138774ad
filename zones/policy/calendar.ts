/** A point in time as policies see it. */
export interface Moment {
  /** `2026-12-31` */
  readonly date: string;
  readonly hour: number;
  readonly minute: number;
  readonly minuteOfDay: number;
  readonly weekday: Weekday;
  readonly holiday: boolean;
}

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof weekdays)[number];

const formats = new Map<string, Intl.DateTimeFormat>();

/** `timeZone`: a name of the IANA database. `holidays`: days as `2026-12-25`, in that time zone. */
export function momentAt(atMs: number, timeZone: string, holidays: readonly string[]): Moment {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) parts[type] = value;
  const { year = '', month = '', day = '' } = parts;
  const hour = Number(parts.hour);
  const minute = Number(parts.minute);
  const date = `${year}-${month}-${day}`;
  const weekday = weekdays[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? 'sun';
  return { date, hour, minute, minuteOfDay: hour * 60 + minute, weekday, holiday: holidays.includes(date) };
}

/** When somebody may meet; `to` is no longer in it. */
export interface Window {
  readonly days: readonly Weekday[];
  /** `09:00` */
  readonly from: string;
  /** `17:30`, or `24:00`. */
  readonly to: string;
}

export function isInWindow({ weekday, minuteOfDay }: Moment, { days, from, to }: Window): boolean {
  return days.includes(weekday) && minuteOfDay >= minutesOf(from) && minuteOfDay < minutesOf(to);
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(timeZone, format);
  return format;
}
