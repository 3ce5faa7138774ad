import type { LayoutName, StageTile } from '#kernel/index.ts';
import { fitted, reference, type Cell } from './cells.ts';
import { tables, type LayoutTable } from './tables.ts';

/** Somebody who may be shown. */
export interface Guest {
  readonly legId: string;
  readonly source: 'camera' | 'screen';
  /** Width by height of what it sends; 16/9 when it is not known. */
  readonly aspect: number;
}

/** A camera of which more than this would be cut off is shown whole, with bars. */
const mostCut = 0.35;

/** How many of these guests the layout shows. */
export function capacityOf(layout: LayoutName, guests: readonly Guest[]): number {
  return tableOf(layout, guests).capacity;
}

/**
 * The tiles of as many guests as the layout shows; guests in order of their rank, the first in the largest place. `top`: how much of the
 * canvas, as a fraction of its height, is left free along its upper edge.
 */
export function layOut(layout: LayoutName, guests: readonly Guest[], top = 0): readonly StageTile[] {
  const { capacity, cells } = tableOf(layout, guests);
  const shown = guests.slice(0, capacity);
  if (shown.length === 0) return [];
  const places = cells(shown.length);
  const topPixels = Math.ceil((top * reference.height) / 2) * 2;
  return shown.flatMap((guest, index) => {
    const place = places[index];
    return place === undefined ? [] : [tileOf(guest, fitted(place, topPixels))];
  });
}

/** Without a screen there is nothing to present: then it shows people. */
function tableOf(layout: LayoutName, guests: readonly Guest[]): LayoutTable {
  const presents = guests[0]?.source === 'screen';
  return layout === 'presentation' && !presents ? tables['1:7'] : tables[layout];
}

function tileOf({ legId, source, aspect }: Guest, { x, y, width, height }: Cell): StageTile {
  const ratio = aspect / (width / height);
  const cut = 1 - Math.min(ratio, 1 / ratio);
  return {
    legId,
    source,
    x: x / reference.width,
    y: y / reference.height,
    width: width / reference.width,
    height: height / reference.height,
    fit: source === 'screen' || cut > mostCut ? 'contain' : 'cover',
  };
}
