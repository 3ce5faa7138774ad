import { z } from 'zod';
import { ZonebridgeError } from '#kernel/index.ts';
import type { CallRecord } from '../../cdr/schema.ts';
import { backendKinds, deviceClasses, type PolicyRequest } from '../contract.ts';
import type { LocalDecision } from '../localDecision.ts';
import type { LocalRules } from './LocalRules.ts';

/** What was decided then, as far as a record has it. */
export interface KeptDecision {
  readonly effect: 'allow' | 'deny';
  readonly policies: readonly string[];
  readonly decidedBy: string;
  readonly revision: string;
  readonly fallback?: string;
}

export interface Replay {
  readonly same: boolean;
  readonly then: KeptDecision;
  /** With the kept answer of the policy server, where it had its word. */
  readonly now: LocalDecision;
  readonly revision: string;
  /** The policies are others than those that decided then. */
  readonly otherRevision: boolean;
  /** The policy server had its word, which is taken as it was kept. */
  readonly server: boolean;
}

const possessions = ['host-pin', 'guest-pin', 'totp', 'approved'] as const;
/** What a decision must rest on to be decided again; what else is kept stays as it is. */
const keptSchema = z.looseObject({
  action: z.enum(['join', 'stay', 'dial']),
  room: z.string(),
  direction: z.enum(['in', 'out']),
  protocol: z.enum(['sip', 'web']),
  caller: z.looseObject({ name: z.string() }),
  evidence: z.looseObject({ possession: z.array(z.enum(possessions)) }),
  device: z.looseObject({ class: z.enum(deviceClasses), product: z.string() }),
  transport: z.looseObject({ kind: z.enum(['tls', 'tcp', 'udp', 'ws']) }),
  source: z.looseObject({ address: z.string() }),
  party: z.string(),
  backend: z.looseObject({ kind: z.enum(backendKinds), confidence: z.enum(['low', 'medium', 'high']) }),
  occupancy: z.looseObject({ total: z.int(), hosts: z.int(), byParty: z.record(z.string(), z.int()) }),
  atMs: z.number(),
});

/** Throws `bad-message` for what is no kept request. */
export function keptRequest(value: unknown): PolicyRequest {
  const read = keptSchema.safeParse(value);
  if (read.success) return read.data as unknown as PolicyRequest;
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ZonebridgeError('bad-message', `the kept request cannot be decided again: ${faults.join('; ')}`);
}

/** The decision as records of the leg have it. Throws `not-found` when none of them names it. */
export function keptDecision(records: readonly CallRecord[], id: string): KeptDecision {
  const record = records.find(({ type, decision_id: named }) => type !== 'decision' && named === id);
  const { decision_effect: effect, decision_policies: policies, decided_by: decidedBy } = record ?? {};
  const { decision_revision: revision, decision_fallback: fallback } = record ?? {};
  if (effect === undefined || policies === undefined || decidedBy === undefined || revision === undefined) {
    throw new ZonebridgeError(
      'not-found',
      `decision ${id} was kept, but no record says what it was: the call went on as before, or is not yet recorded`,
    );
  }
  return { effect, policies, decidedBy, revision, ...(fallback === undefined ? {} : { fallback }) };
}

/** Decides again, as of the time that the request was made, by the zone as it is now. */
export function replay(rules: LocalRules, request: PolicyRequest, then: KeptDecision): Replay {
  const local = rules.decide(request);
  const server = then.decidedBy === 'server' || then.fallback !== undefined;
  const byServer = then.decidedBy === 'server' && local.effect === 'allow' && then.effect === 'deny';
  const now: LocalDecision = byServer
    ? {
        ...local,
        effect: 'deny',
        policies: then.policies,
        decidedBy: 'server',
        reason: 'the policy server’s answer then',
      }
    : local;
  const { revision } = rules;
  const same =
    now.effect === then.effect &&
    [...now.policies].sort().join('\0') === [...then.policies].sort().join('\0');
  return { same, then, now, revision, otherRevision: revision !== then.revision, server };
}
