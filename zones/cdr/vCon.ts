import type { CallRecord } from './schema.ts';

/** One conference as draft-ietf-vcon-vcon-core-00 has it: parties and when each was there; no media, which a zone does not keep. */
export interface VCon {
  readonly vcon: '0.3.0';
  readonly uuid: string;
  readonly created_at: string;
  readonly parties: readonly Readonly<Record<string, string>>[];
  readonly dialog: readonly VConDialog[];
}

interface VConDialog {
  readonly type: 'transfer' | 'incomplete' | 'text' | 'recording';
  readonly start: string;
  readonly duration?: number;
  /** Index in `parties`. */
  readonly parties: readonly number[];
  readonly disposition?: string;
}

export function vCons(records: readonly CallRecord[]): readonly VCon[] {
  const conferences = new Map<string, CallRecord[]>();
  const ends = new Map<string, CallRecord>();
  for (const record of records) {
    const { type, conference_id: conference, leg_id: leg } = record;
    if (type === 'leg-start' && conference !== undefined) {
      conferences.set(conference, [...(conferences.get(conference) ?? []), record]);
    }
    if (type === 'leg-end' && leg !== undefined) ends.set(leg, record);
  }
  return [...conferences].map(([uuid, legs]) => ({
    vcon: '0.3.0',
    uuid,
    created_at: legs[0]?.time ?? '',
    parties: legs.map(partyOf),
    dialog: legs.map((leg, index) => dialogOf(leg, index, ends.get(leg.leg_id ?? ''))),
  }));
}

function partyOf({
  display_name: name,
  uri: sip,
  party,
  role,
}: CallRecord): Readonly<Record<string, string>> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(sip === undefined ? {} : { sip }),
    ...(role === undefined ? {} : { role }),
    ...(party === undefined ? {} : { org: party }),
  };
}

/** Without recorded media a dialog is `incomplete`; its disposition then says how it ended. */
function dialogOf({ time: start }: CallRecord, index: number, end: CallRecord | undefined): VConDialog {
  const duration = end === undefined ? undefined : (Date.parse(end.time) - Date.parse(start)) / 1000;
  return {
    type: 'incomplete',
    start,
    ...(duration === undefined ? {} : { duration }),
    parties: [index],
    ...(end?.cause === undefined ? {} : { disposition: end.cause }),
  };
}
