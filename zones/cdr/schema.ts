import { z } from 'zod';
import { terminationCauses } from '#kernel/index.ts';
import { backendKinds, deviceClasses } from '../policy/contract.ts';

/**
 * The one source of truth of what a zone writes about its calls. From it come the types, the tables and columns of SQL and CSV, the
 * JSON Schema and docs/metadata-ledger.md. A field without its policy does not compile.
 */
export interface FieldPolicy {
  readonly meaning: string;
  /** Whose data it is: the zone's owner's, or that of the party that the leg belongs to. */
  readonly owner: 'zone' | 'party';
  /** PII: tells who somebody is; usage: when and how much; security: how it was protected and decided; none: of no person. */
  readonly class: 'PII' | 'usage' | 'security' | 'none';
  /** Who may see it in clear: the zone's owner alone, also the party that the leg belongs to, or every party of the meeting. */
  readonly audience: 'owner' | 'own party' | 'every party';
  /** `record`: as long as the record, `retention_days` of `records` or of the partner whose call it is; then it is purged. */
  readonly retention: 'record';
}

interface Field<T extends z.ZodType = z.ZodType> {
  readonly type: T;
  readonly policy: FieldPolicy;
}

function field<T extends z.ZodType>(type: T, policy: Omit<FieldPolicy, 'retention'>): Field<T> {
  return { type, policy: { ...policy, retention: 'record' } };
}

export const recordTypes = [
  'conference-start',
  'conference-end',
  'leg-start',
  'leg-update',
  'leg-end',
  'attempt-refused',
  'attempts-summary',
  'decision',
] as const;

const text = z.string().max(1024);
const count = z.int().min(0);

export const recordFields = {
  type: field(z.enum(recordTypes), {
    meaning: 'What the record is about',
    ...{ owner: 'zone', class: 'none', audience: 'every party' },
  }),
  time: field(z.iso.datetime(), {
    meaning: 'When it was written, UTC; exact for its own party, to a quarter of an hour for others',
    ...{ owner: 'zone', class: 'usage', audience: 'own party' },
  }),
  conference_id: field(z.uuid().optional(), {
    meaning: 'One conference: from the first who came to the last who left',
    ...{ owner: 'zone', class: 'none', audience: 'every party' },
  }),
  room: field(text.optional(), {
    meaning: 'Name of the room',
    ...{ owner: 'zone', class: 'usage', audience: 'owner' },
  }),
  legs: field(count.optional(), {
    meaning: 'How many legs the conference had in all',
    ...{ owner: 'zone', class: 'usage', audience: 'owner' },
  }),
  most_at_once: field(count.optional(), {
    meaning: 'How many were in the conference at the same time at most',
    ...{ owner: 'zone', class: 'usage', audience: 'owner' },
  }),
  leg_id: field(z.uuid().optional(), {
    meaning: 'One call in one conference',
    ...{ owner: 'party', class: 'none', audience: 'own party' },
  }),
  direction: field(z.enum(['in', 'out']).optional(), {
    meaning: 'in: it called us; out: we called',
    ...{ owner: 'party', class: 'usage', audience: 'own party' },
  }),
  protocol: field(z.enum(['sip', 'web']).optional(), {
    meaning: 'What it came by',
    ...{ owner: 'party', class: 'usage', audience: 'own party' },
  }),
  display_name: field(text.optional(), {
    meaning: 'The name that the caller gave',
    ...{ owner: 'party', class: 'PII', audience: 'own party' },
  }),
  uri: field(text.optional(), {
    meaning: 'The SIP URI that the caller gave, or that was called',
    ...{ owner: 'party', class: 'PII', audience: 'own party' },
  }),
  remote_address: field(text.optional(), {
    meaning: 'IP address of the far end',
    ...{ owner: 'party', class: 'PII', audience: 'own party' },
  }),
  user_agent: field(text.optional(), {
    meaning: 'What the device says it is',
    ...{ owner: 'party', class: 'PII', audience: 'own party' },
  }),
  device: field(z.enum(deviceClasses).optional(), {
    meaning: 'Class of the device',
    ...{ owner: 'party', class: 'usage', audience: 'own party' },
  }),
  party: field(text.optional(), {
    meaning: 'own, the name of a partner, or guest; to other parties an opaque name',
    ...{ owner: 'zone', class: 'usage', audience: 'own party' },
  }),
  role: field(z.enum(['host', 'guest']).optional(), {
    meaning: 'Whether he may direct the room',
    ...{ owner: 'zone', class: 'usage', audience: 'own party' },
  }),
  assurance: field(z.array(z.enum(['system', 'person', 'possession'])).optional(), {
    meaning: 'Kinds of evidence that were held',
    ...{ owner: 'zone', class: 'security', audience: 'own party' },
  }),
  person_issuer: field(text.optional(), {
    meaning: 'Who vouches for the person: the identity provider or realm',
    ...{ owner: 'party', class: 'PII', audience: 'own party' },
  }),
  person_subject: field(text.optional(), {
    meaning: 'The person, as the issuer names it',
    ...{ owner: 'party', class: 'PII', audience: 'own party' },
  }),
  system_domains: field(z.array(text).optional(), {
    meaning: 'SIP domains of the client certificate',
    ...{ owner: 'party', class: 'security', audience: 'own party' },
  }),
  system_fault: field(text.optional(), {
    meaning: 'Why a client certificate did not count',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  possession: field(z.array(text).optional(), {
    meaning: 'Which PIN or code was shown, never the digits; `approved`: by a host',
    ...{ owner: 'zone', class: 'security', audience: 'own party' },
  }),
  backend_kind: field(z.enum(backendKinds).optional(), {
    meaning: 'What stands behind the leg',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  backend_evidence: field(z.array(text).optional(), {
    meaning: 'What that rests on',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  backend_confidence: field(z.enum(['low', 'medium', 'high']).optional(), {
    meaning: 'How sure that is',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  signaling_security: field(text.optional(), {
    meaning: 'TLS version, key exchange group and cipher',
    ...{ owner: 'party', class: 'security', audience: 'own party' },
  }),
  media_security: field(text.optional(), {
    meaning: 'SRTP suite',
    ...{ owner: 'party', class: 'security', audience: 'own party' },
  }),
  audio_codec: field(text.optional(), {
    meaning: 'Codec of the voice',
    ...{ owner: 'party', class: 'none', audience: 'own party' },
  }),
  video_codec: field(text.optional(), {
    meaning: 'Codec of the picture',
    ...{ owner: 'party', class: 'none', audience: 'own party' },
  }),
  packets_received: field(count.optional(), {
    meaning: 'Audio packets that arrived',
    ...{ owner: 'party', class: 'usage', audience: 'own party' },
  }),
  packets_lost: field(count.optional(), {
    meaning: 'Audio packets that did not',
    ...{ owner: 'party', class: 'usage', audience: 'own party' },
  }),
  packets_sent: field(count.optional(), {
    meaning: 'Audio packets sent to it',
    ...{ owner: 'party', class: 'usage', audience: 'own party' },
  }),
  change: field(text.optional(), {
    meaning: 'What changed during the call',
    ...{ owner: 'zone', class: 'usage', audience: 'own party' },
  }),
  cause: field(z.enum(terminationCauses).optional(), {
    meaning: 'Why it ended or was refused; the far end is told less',
    ...{ owner: 'zone', class: 'security', audience: 'own party' },
  }),
  detail: field(text.optional(), {
    meaning: 'The same in words, for the zone alone',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  decision_id: field(z.uuid().optional(), {
    meaning: 'The decision; `zonebridge policy replay` decides it again',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  decision_effect: field(z.enum(['allow', 'deny']).optional(), {
    meaning: 'What was decided',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  decision_policies: field(z.array(text).optional(), {
    meaning: 'Policies that decided',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  decision_revision: field(text.optional(), {
    meaning: 'Hash of the policies that were in force',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  decided_by: field(text.optional(), {
    meaning: 'Configuration, Cedar, or the policy server',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  decision_fallback: field(text.optional(), {
    meaning: 'The policy server failed, and by which written rule it was decided then',
    ...{ owner: 'zone', class: 'security', audience: 'owner' },
  }),
  attempts: field(z.record(z.string(), count).optional(), {
    meaning: 'Refused attempts that got no record of their own, by cause',
    ...{ owner: 'zone', class: 'usage', audience: 'owner' },
  }),
  request: field(z.json().optional(), {
    meaning: 'All that a decision rested on',
    ...{ owner: 'zone', class: 'PII', audience: 'owner' },
  }),
} as const satisfies Record<string, Field>;

type Fields = typeof recordFields;
export type FieldName = keyof Fields;

type Shape = { readonly [K in FieldName]: Fields[K]['type'] };

export const recordSchema = z.strictObject(
  Object.fromEntries(Object.entries(recordFields).map(([name, { type }]) => [name, type])) as Shape,
);

export type CallRecord = z.infer<typeof recordSchema>;
