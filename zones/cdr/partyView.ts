import { createHmac, randomBytes } from 'node:crypto';
import { recordFields, type CallRecord, type FieldName } from './schema.ts';

const coarseMs = 15 * 60_000;

/** What others of a meeting may see of a leg of somebody else, beside what every party may. */
const ofOthers: ReadonlySet<FieldName> = new Set(['type', 'conference_id']);

/**
 * The records of a meeting as one party may have them: its own legs in clear but for what is the owner's alone, those of others
 * as `party:…` with times to the quarter of an hour. The opaque names are of this export alone, so that two parties cannot lay their
 * exports side by side.
 */
export function partyView(records: readonly CallRecord[], party: string): readonly CallRecord[] {
  const secret = randomBytes(32);
  const opaque = (text: string): string =>
    createHmac('sha256', secret).update(text).digest('base64url').slice(0, 12);
  const parties = partiesOfLegs(records);
  return records.flatMap((record) => {
    if (record.type === 'decision' || record.type === 'attempts-summary') return [];
    const leg = record.leg_id === undefined ? undefined : parties.get(record.leg_id);
    if (leg === undefined) return record.leg_id === undefined ? [conferenceFor(record)] : [];
    if (leg.party === party) return [own(record)];
    // Of others: that somebody came, and that he went.
    return record.type === 'leg-start' || record.type === 'leg-end' ? [other(record, leg, opaque)] : [];
  });
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

function own(record: CallRecord): CallRecord {
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
