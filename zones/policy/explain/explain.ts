import type { ZoneConfig } from '../../config/schema.ts';
import type { PolicyRequest } from '../contract.ts';
import type { LocalDecision } from '../localDecision.ts';
import type { LocalRules } from './LocalRules.ts';
import { remediesOf, type Remedy } from './remedies.ts';

export interface Explanation {
  readonly zone: string;
  readonly request: PolicyRequest;
  readonly decision: LocalDecision;
  readonly revision: string;
  /** Where each deciding policy is, in the order of the decision; nothing for those of the configuration. */
  readonly places: readonly (string | undefined)[];
  /** Empty when it is allowed, or when nothing that was tried would help. */
  readonly needed: readonly Remedy[];
  /** What comes after the decision, and is not asked here. */
  readonly next: readonly string[];
}

/** Decides, and says what would be needed where the answer is no. */
export function explain(rules: LocalRules, request: PolicyRequest): Explanation {
  const decision = rules.decide(request);
  const { zone } = rules.rules;
  return {
    zone: zone.name,
    request,
    decision,
    revision: rules.revision,
    places: decision.policies.map((policy) => rules.placeOf(policy)),
    needed: decision.effect === 'allow' ? [] : remediesOf(rules, request),
    next: decision.effect === 'allow' ? nextSteps(zone, request, decision) : [],
  };
}

function nextSteps(zone: ZoneConfig, request: PolicyRequest, decision: LocalDecision): readonly string[] {
  const { server } = zone.policy;
  const room = zone.rooms.find(({ name }) => name === request.room);
  const { role, lobby } = decision.obligations;
  const waits = request.action === 'join' && role !== 'host';
  const asksCode =
    waits &&
    request.evidence.possession.length === 0 &&
    (room?.guest_pin !== undefined || room?.totp !== undefined || room?.host_pin !== undefined);
  return [
    ...(server === undefined
      ? []
      : [`the policy server ${server.url} would be asked (it was not), and can only take away`]),
    ...(asksCode ? [`room ${request.room} asks for its PIN or code`] : []),
    ...(waits && !lobby && room?.lobby === true
      ? [`room ${request.room} has a lobby: guests wait for a host`]
      : []),
    ...(waits && room?.wait_for_host === true
      ? [`room ${request.room} lets guests in when a host is there`]
      : []),
  ];
}
