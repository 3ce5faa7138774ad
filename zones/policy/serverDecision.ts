import type { ZoneConfig } from '../config/schema.ts';
import type { Obligations, PolicyDecision, PolicyRequest } from './contract.ts';
import type { ServerVerdict } from './server/contract.ts';

/** Of those who do not come in. */
export const noObligations: Obligations = { role: 'guest', lobby: false, audioOnly: false };

type FailureRules = Pick<
  NonNullable<ZoneConfig['policy']['server']>,
  'on_failure' | 'on_failure_during_call'
>;

/** What the policy server's verdict leaves of a decision that allows: it takes away, and never gives. */
export function restricted(
  local: PolicyDecision,
  { outcome, reason, displayName, audioOnly, role }: Exclude<ServerVerdict, { outcome: 'failed' }>,
): PolicyDecision {
  if (outcome === 'deny') {
    const policies = ['policy server'];
    return { ...local, effect: 'deny', obligations: noObligations, policies, decidedBy: 'server', reason };
  }
  return {
    ...local,
    decidedBy: 'server',
    reason,
    obligations: {
      ...local.obligations,
      audioOnly: local.obligations.audioOnly || audioOnly === true,
      role: role === 'guest' ? 'guest' : local.obligations.role,
    },
    ...(displayName === undefined ? {} : { displayName }),
  };
}

/** What the zone has written down for a policy server that gives no usable answer; the decision says which rule it was. */
export function withoutServer(
  rules: FailureRules,
  { action, inCall = false }: Pick<PolicyRequest, 'action' | 'inCall'>,
  local: PolicyDecision,
  failure: string,
): PolicyDecision {
  const key = action === 'stay' || inCall ? 'on_failure_during_call' : 'on_failure';
  const fallback = { failure, rule: `${key}: ${rules[key]}` };
  if (rules[key] === 'local' || rules[key] === 'keep') return { ...local, fallback };
  const reason = `the policy server failed: ${failure}`;
  const policies = [`policy server: ${key}`];
  return {
    ...local,
    effect: 'deny',
    obligations: noObligations,
    policies,
    decidedBy: 'server',
    reason,
    fallback,
  };
}
