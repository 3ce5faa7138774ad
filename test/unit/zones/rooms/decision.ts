import type { PolicyDecision } from '#zones/policy/contract.ts';

let count = 0;

/** A decision as Cedar makes it, each with an id of its own. */
export function decisionOf(effect: PolicyDecision['effect']): PolicyDecision {
  count += 1;
  return {
    id: `decision-${count}`,
    effect,
    obligations: { role: 'guest', lobby: false, audioOnly: false },
    policies: [effect === 'allow' ? 'members may come' : 'office hours'],
    revision: 'a1b2',
    decidedBy: 'cedar',
    reason: effect === 'allow' ? 'a member' : 'outside of office hours',
  };
}
