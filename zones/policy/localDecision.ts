import type { ZoneConfig } from '../config/schema.ts';
import type { Calendar } from './cedarContext.ts';
import type { PolicyDecision, PolicyRequest } from './contract.ts';
import type { Grounds } from './grounds.ts';
import type { PolicySet } from './PolicySet.ts';
import { noObligations } from './serverDecision.ts';

/** A decision before it has a name of its own, and before a policy server is asked. */
export type LocalDecision = Pick<
  PolicyDecision,
  'effect' | 'obligations' | 'policies' | 'decidedBy' | 'reason'
>;

interface LocalRules {
  readonly zone: Pick<ZoneConfig, 'name' | 'rooms'>;
  readonly grounds: Grounds;
  readonly policies: PolicySet;
  readonly calendar: Calendar;
}

/** What the zone's configuration and then its policies make of a request. Pure. */
export function localDecision(
  { zone, grounds, policies, calendar }: LocalRules,
  request: PolicyRequest,
): LocalDecision {
  const ground = grounds.judge(request);
  if (!ground.pass) {
    const { decidedBy, policy, reason } = ground;
    return { effect: 'deny', obligations: noObligations, policies: [policy], decidedBy, reason };
  }
  const verdict = policies.evaluate(zone.name, request, calendar);
  const { effect, reason } = verdict;
  const approved = request.evidence.possession.includes('approved');
  const lobby = !approved && (ground.lobby || verdict.obligations.lobby);
  const obligations = effect === 'allow' ? { ...verdict.obligations, lobby } : noObligations;
  const { policies: named } = verdict;
  return stayed({ effect, obligations, policies: named, decidedBy: 'cedar', reason }, request, zone);
}

/** In the course of a call nobody can be asked to wait: whom policy would only have by a host's word may not stay. He may come again. */
export function stayed<T extends LocalDecision>(
  decision: T,
  { action, room, evidence }: PolicyRequest,
  { rooms }: Pick<ZoneConfig, 'rooms'>,
): T {
  const { obligations, reason } = decision;
  const hasHosts = rooms.find(({ name }) => name === room)?.hosts !== 'nobody';
  const isHost = hasHosts && (obligations.role === 'host' || evidence.possession.includes('host-pin'));
  if (action !== 'stay' || !obligations.lobby || isHost) return decision;
  return {
    ...decision,
    effect: 'deny',
    obligations: noObligations,
    reason: `would have to be admitted by a host now (${reason})`,
  };
}
