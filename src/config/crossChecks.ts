import type { PathFault } from './fault.ts';
import { portClaims, portClashes } from './portClaims.ts';
import { readable, type Readable } from './readable.ts';
import { configSchema, type Config } from './schema.ts';

/** What could be read of a configuration, however much of it is wrong. */
export type ReadableConfig = Readable<Config>;
export type ReadableZone = Readable<Config['zones'][number]>;

/** Each zone in its place; an empty one for what cannot be read at all. */
export function readableZones(config: ReadableConfig): readonly ReadableZone[] {
  return (config.zones ?? []).map((zone) => zone ?? {});
}

export function readableConfig(value: unknown): ReadableConfig {
  return readable(configSchema, value) ?? {};
}

/** What no zone can know alone: names, domains and ports that more than one of them claims. */
export function crossChecks(config: ReadableConfig): readonly PathFault[] {
  const zones = readableZones(config);
  return [
    ...duplicates(
      zones.map(({ name }, index) => ({ text: name, path: ['zones', index, 'name'] })),
      'the name',
    ),
    ...duplicates(domainsOf(zones), 'the domain'),
    ...zones.flatMap((zone, index) => duplicates(roomsOf(zone, index), 'the room')),
    ...severalDefaults(zones),
    ...portClashes(portClaims(config.listener ?? {}, zones)),
  ];
}

interface Named {
  readonly text: string | undefined;
  readonly path: PathFault['path'];
}

function domainsOf(zones: readonly ReadableZone[]): readonly Named[] {
  return zones.flatMap(({ domains = [] }, zone) =>
    domains.map((text, index) => ({ text, path: ['zones', zone, 'domains', index] })),
  );
}

function roomsOf({ rooms = [] }: ReadableZone, zone: number): readonly Named[] {
  return rooms.map((room, index) => ({ text: room?.name, path: ['zones', zone, 'rooms', index, 'name'] }));
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

function severalDefaults(zones: readonly ReadableZone[]): readonly PathFault[] {
  const defaults = zones.flatMap((zone, index) => (zone.default === true ? [index] : []));
  return defaults.slice(1).map((index) => ({
    path: ['zones', index, 'default'],
    message: 'a zone before this one is the default already; only one can take openings without a name',
  }));
}
