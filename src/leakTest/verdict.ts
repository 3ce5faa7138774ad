import { addressField } from './callers/SipIdentity.ts';
import type { Marker } from './MarkerBook.ts';
import type { Finding, Place } from './search/Findings.ts';

/** `inside`: where what a zone knows of its own callers has to be. `allowed`: shown by the zone's own rule. */
export type Verdict = 'inside' | 'allowed' | 'leak';

/** Fields that the roster shows where `names` is `real`, to people of the same organisation. */
const names: ReadonlySet<string> = new Set(['display name', 'browser display name']);
/** Zones of the test whose rule that is. */
const zonesWithRealNames: ReadonlySet<string> = new Set(['core', 'partner']);
/** The listener accepts the connection and routes by the name, so both pass through its memory, and through no other place of it. */
export const serverNameField = 'TLS server name';
const fieldsOfTheListener: ReadonlySet<string> = new Set([serverNameField, addressField]);

/** What a marker may be found at, and nothing else: no log, file, metric or process argument may have any. */
export function verdictOf({ marker, place }: Pick<Finding, 'marker' | 'place'>): Verdict {
  switch (place.kind) {
    case 'memory':
    case 'records':
      return isInside(marker, place) ? 'inside' : fromListener(marker, place);
    case 'far end':
      return heardBy(marker, place);
    case 'log':
    case 'files':
    case 'metrics':
    case 'processes':
      return 'leak';
  }
}

function isInside({ caller }: Marker, { zone }: Place): boolean {
  return caller.zone !== undefined && caller.zone === zone;
}

function fromListener({ field }: Marker, { kind, zone }: Place): Verdict {
  return kind === 'memory' && zone === undefined && fieldsOfTheListener.has(field) ? 'allowed' : 'leak';
}

/** A caller gets back what he sent (RFC 3261 §8.2.6.2 wants that); others get his name where the zone says so. */
function heardBy({ caller, field }: Marker, { zone, detail }: Place): Verdict {
  if (detail === caller.name) return 'inside';
  const shown =
    zone === caller.zone && zone !== undefined && zonesWithRealNames.has(zone) && names.has(field);
  return shown ? 'allowed' : 'leak';
}
