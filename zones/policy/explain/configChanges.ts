import type { ZoneConfig } from '../../config/schema.ts';
import { momentAt } from '../calendar.ts';
import type { PolicyRequest } from '../contract.ts';
import { dialDomainOf } from '../dialReach.ts';

export interface ConfigChange {
  readonly what: string;
  /** The zone with it. */
  readonly zone: ZoneConfig;
}

/** What an administrator could write otherwise, one thing at a time; whether it would help is for a decision to say. */
export function changesOf(zone: ZoneConfig, request: PolicyRequest): readonly ConfigChange[] {
  return [...partnerChanges(zone, request), ...guestChanges(zone, request), ...reachChanges(zone, request)];
}

function partnerChanges(zone: ZoneConfig, { party, atMs }: PolicyRequest): readonly ConfigChange[] {
  const partner = zone.partners.find(({ name }) => name === party);
  if (partner === undefined) return [];
  const { date } = momentAt(atMs, zone.time_zone, zone.holidays);
  const changed = (what: string, change: Partial<typeof partner>): ConfigChange => ({
    what: `in partner ${party}: ${what}`,
    zone: { ...zone, partners: zone.partners.map((one) => (one === partner ? { ...one, ...change } : one)) },
  });
  return [
    changed(`expires: ${date} or later`, { expires: date }),
    changed('a window that is open then', { windows: [] }),
    changed(`both expires: ${date} or later and a window that is open then`, { expires: date, windows: [] }),
  ];
}

function guestChanges(zone: ZoneConfig, { party, atMs }: PolicyRequest): readonly ConfigChange[] {
  if (party !== 'guest') return [];
  const { guests } = zone;
  const { date } = momentAt(atMs, zone.time_zone, zone.holidays);
  const changed = (what: string, change: Partial<typeof guests>): ConfigChange => ({
    what,
    zone: { ...zone, guests: { ...guests, ...change } },
  });
  const reviewed = { review_by: guests.review_by > date ? guests.review_by : date };
  return [
    ...(guests.review_by < date ? [changed(`guests.review_by: ${date} or later`, reviewed)] : []),
    ...(guests.identity_required
      ? [changed('guests.identity_required: false', { identity_required: false })]
      : []),
    ...(guests.model === 'deny'
      ? [
          changed('guests.model: lobby or allow, which is its owner’s choice', {
            model: 'lobby',
            ...reviewed,
          }),
        ]
      : []),
  ];
}

function reachChanges(zone: ZoneConfig, request: PolicyRequest): readonly ConfigChange[] {
  if (request.action !== 'dial') return [];
  const domain = dialDomainOf(request);
  const { dial_out: dialOut } = zone;
  if (dialOut.domains === 'any' || dialOut.domains.includes(domain)) return [];
  const domains = [...dialOut.domains, domain];
  return [{ what: `${domain} in dial_out.domains`, zone: { ...zone, dial_out: { ...dialOut, domains } } }];
}
