import { createHmac, randomBytes } from 'node:crypto';
import { recordFields, type CallRecord, type FieldName } from './schema.ts';

const coarseMs = 15 * 60_000;

/** What others of a meeting may see of a leg of somebody else, beside what every party may. */
const ofOthers: ReadonlySet<FieldName> = new Set(['type', 'conference_id']);

/** At one time shown: what begins comes before what ends. */
const rank: Partial<Record<CallRecord['type'], number>> = {
  'conference-start': 0,
  'leg-start': 1,
  'leg-end': 3,
  'conference-end': 4,
};
const rankOfOthers = 2;

/**
 * The meetings in which a party was, as it may have them: its own legs in clear but for what is the owner's alone, those of others
 * as `party:…` with times to the quarter of an hour, in the order of the times shown: their place among other records tells nothing more. The
 * opaque names are of this export alone, so that two parties cannot lay their exports side by side.
 */
export function partyView(records: readonly CallRecord[], party: string): readonly CallRecord[] {
  const secret = randomBytes(32);
  const opaque = (text: string): string =>
    createHmac('sha256', secret).update(text).digest('base64url').slice(0, 12);
  const parties = partiesOfLegs(records);
  const own = [...parties.values()].filter((leg) => leg.party === party);
  const conferences = new Set(own.map(({ conference }) => conference));
  const seen = records.flatMap((record) => {
    if (record.type === 'decision' || record.type === 'attempts-summary') return [];
    const leg = record.leg_id === undefined ? undefined : parties.get(record.leg_id);
    if (leg?.party === party) return [ownRecord(record)];
    const conference = record.conference_id ?? leg?.conference;
    if (conference === undefined || !conferences.has(conference)) return [];
    if (leg === undefined) return record.leg_id === undefined ? [conferenceFor(record)] : [];
    // Of others: that somebody came, and that he went.
    return record.type === 'leg-start' || record.type === 'leg-end' ? [other(record, leg, opaque)] : [];
  });
  return seen.toSorted(byTimeShown);
}

function byTimeShown(a: CallRecord, b: CallRecord): number {
  return (
    Date.parse(a.time) - Date.parse(b.time) ||
    (rank[a.type] ?? rankOfOthers) - (rank[b.type] ?? rankOfOthers) ||
    compared(a.party ?? '', b.party ?? '')
  );
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface LegOfParty {
  readonly party: string;
  readonly conference: string | undefined;
}

function partiesOfLegs(records: readonly CallRecord[]): ReadonlyMap<string, LegOfParty> {
  const legs = new Map<string, LegOfParty>();
  for (const { leg_id: leg, party, conference_id: conference } of records) {
    if (leg !== undefined && party !== undefined) legs.set(leg, { party, conference });
  }
  return legs;
}

function ownRecord(record: CallRecord): CallRecord {
  return only(record, (name) => recordFields[name].policy.audience !== 'owner');
}

function conferenceFor(record: CallRecord): CallRecord {
  return { ...only(record, (name) => ofOthers.has(name)), time: coarse(record.time) };
}

function other(record: CallRecord, leg: LegOfParty, opaque: (text: string) => string): CallRecord {
  return {
    ...only(record, (name) => ofOthers.has(name)),
    time: coarse(record.time),
    party: `party:${opaque(leg.party)}`,
    ...(leg.conference === undefined ? {} : { conference_id: leg.conference }),
  };
}

function only(record: CallRecord, mayBeSeen: (name: FieldName) => boolean): CallRecord {
  const seen = Object.entries(record).filter(([name]) => mayBeSeen(name as FieldName));
  return { type: record.type, time: record.time, ...Object.fromEntries(seen) };
}

function coarse(time: string): string {
  return new Date(Math.floor(Date.parse(time) / coarseMs) * coarseMs).toISOString();
}
