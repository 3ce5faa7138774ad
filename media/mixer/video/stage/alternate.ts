import type { StageTile } from '#kernel/index.ts';

/** A tile wider than this part of the picture fills it: nobody wants to look at himself so large. */
const fills = 0.5;

/** The leg that would fill the picture, and so is given one without itself. */
export function alternateFor(tiles: readonly StageTile[], people: number): string | undefined {
  const [first] = tiles;
  if (first === undefined || people < 2) return undefined;
  return first.source === 'camera' && first.width > fills ? first.legId : undefined;
}

/** The others as they are ranked, whoever spoke before first. */
export function alternateOrder(
  order: readonly string[],
  without: string,
  previousSpeaker: string | undefined,
): readonly string[] {
  const others = order.filter((id) => id !== without);
  if (previousSpeaker === undefined || !others.includes(previousSpeaker)) return others;
  return [previousSpeaker, ...others.filter((id) => id !== previousSpeaker)];
}
