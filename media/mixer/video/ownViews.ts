import type { StagePlan } from './StagePlan.ts';
import type { VideoPerson } from './VideoPerson.ts';

/**
 * The phones that get a view without themselves: whoever would fill his own screen in any case, of the others on stage
 * as many as the budget allows, the speaker first.
 */
export function ownViews(
  plan: Pick<StagePlan, 'stage' | 'alternateFor' | 'speaker' | 'order'>,
  people: ReadonlyMap<string, VideoPerson>,
  budget: number,
): ReadonlySet<string> {
  const { alternateFor, speaker } = plan;
  const onStage = new Set(plan.stage.tiles.map(({ legId }) => legId));
  const gains = (id: string): boolean => {
    const person = people.get(id);
    return person?.stream !== undefined && person.camera !== undefined && onStage.has(id);
  };
  const chosen = new Set<string>();
  if (alternateFor !== undefined && gains(alternateFor)) chosen.add(alternateFor);
  const most = chosen.size + budget;
  const ranked = speaker === undefined ? plan.order : [speaker, ...plan.order];
  for (const id of ranked) {
    if (chosen.size >= most) break;
    if (gains(id)) chosen.add(id);
  }
  return chosen;
}
