import type { PathFault } from './fault.ts';
import { graphChecks } from './graphChecks.ts';
import { portClaims, portClashes } from './portClaims.ts';
import { readableZones, type ReadableConfig, type ReadableZone } from './readableConfig.ts';
import { uniquenessChecks } from './uniqueness.ts';
import { zoneChecks } from './zoneChecks.ts';

/** What no single value can be blamed for: claims of more than one zone, ways between zones, parts of a zone that do not fit. */
export function crossChecks(config: ReadableConfig): readonly PathFault[] {
  const zones = readableZones(config);
  return [
    ...uniquenessChecks(config),
    ...zones.flatMap((zone, index) => zoneChecks(config, zone, ['zones', index])),
    ...graphChecks(config),
    ...severalDefaults(zones),
    ...portClashes(portClaims(config.listener ?? {}, zones)),
  ];
}

function severalDefaults(zones: readonly ReadableZone[]): readonly PathFault[] {
  const defaults = zones.flatMap((zone, index) => (zone.default === true ? [index] : []));
  return defaults.slice(1).map((index) => ({
    path: ['zones', index, 'default'],
    message: 'a zone before this one is the default already; only one can take openings without a name',
  }));
}
