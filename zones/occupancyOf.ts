import type { Participant } from './Participant.ts';
import type { PolicyRequest } from './policy/contract.ts';

/** How many people there are, as far as policy asks. */
export function occupancyOf(people: readonly Participant[]): PolicyRequest['occupancy'] {
  const byParty: Record<string, number> = {};
  for (const { visitor } of people) byParty[visitor.party] = (byParty[visitor.party] ?? 0) + 1;
  return { total: people.length, hosts: people.filter(({ isHost }) => isHost).length, byParty };
}
