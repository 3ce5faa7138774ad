import type { PathFault } from './fault.ts';
import { readableZones, type ReadableConfig, type ReadableZone } from './readableConfig.ts';

/** What may be there once only: names and domains of all zones, rooms and partners of each. */
export function uniquenessChecks(config: ReadableConfig): readonly PathFault[] {
  const zones = readableZones(config);
  return [
    ...duplicates(namesOf(config), 'the name'),
    ...duplicates(domainsOf(zones), 'the domain'),
    ...zones.flatMap((zone, index) => [
      ...duplicates(roomsOf(zone, index), 'the room'),
      ...duplicates(partnersOf(zone, index), 'the partner'),
      ...duplicates(partnerDomainsOf(zone, index), 'the partner domain'),
    ]),
  ];
}

interface Named {
  readonly text: string | undefined;
  readonly path: PathFault['path'];
}

function namesOf(config: ReadableConfig): readonly Named[] {
  const remote = config.remote_zones ?? [];
  return [
    ...readableZones(config).map(({ name }, index) => ({ text: name, path: ['zones', index, 'name'] })),
    ...remote.map((zone, index) => ({ text: zone?.name, path: ['remote_zones', index, 'name'] })),
  ];
}

function domainsOf(zones: readonly ReadableZone[]): readonly Named[] {
  return zones.flatMap(({ domains = [] }, zone) =>
    domains.map((text, index) => ({ text, path: ['zones', zone, 'domains', index] })),
  );
}

function roomsOf({ rooms = [] }: ReadableZone, zone: number): readonly Named[] {
  return rooms.map((room, index) => ({ text: room?.name, path: ['zones', zone, 'rooms', index, 'name'] }));
}

function partnersOf({ partners = [] }: ReadableZone, zone: number): readonly Named[] {
  return partners.map((partner, index) => ({
    text: partner?.name,
    path: ['zones', zone, 'partners', index, 'name'],
  }));
}

function partnerDomainsOf({ partners = [] }: ReadableZone, zone: number): readonly Named[] {
  return partners.flatMap((partner, at) =>
    (partner?.domains ?? []).map((text, index) => ({
      text,
      path: ['zones', zone, 'partners', at, 'domains', index],
    })),
  );
}

function duplicates(entries: readonly Named[], what: string): readonly PathFault[] {
  const seen = new Set<string>();
  return entries.flatMap(({ text, path }) => {
    if (text === undefined) return [];
    if (seen.has(text))
      return [{ path, message: `${what} ${text} is given more than once; it must be unique` }];
    seen.add(text);
    return [];
  });
}
