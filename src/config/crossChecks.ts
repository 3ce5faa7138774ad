import { zoneSchema, type ZoneConfig } from '#zones/index.ts';
import type { PathFault } from './fault.ts';
import { portClaims, portClashes } from './portClaims.ts';
import { configSchema, type Config } from './schema.ts';

/** What could be read of a zone, however much of it is wrong. */
export type ReadableZone = Partial<ZoneConfig>;
export type ReadableListener = Partial<Config['listener']>;

/** What no zone can know alone: names, domains and ports that more than one of them claims. */
export function crossChecks(value: unknown): readonly PathFault[] {
  const { listener, zones } = asRecord(value);
  const readable = (Array.isArray(zones) ? zones : []).map((zone: unknown): ReadableZone =>
    readableParts(zoneSchema.shape, asRecord(zone)),
  );
  const { innerType } = configSchema.shape.listener.def;
  const readableListener: ReadableListener = readableParts(innerType.shape, asRecord(listener));
  return [
    ...duplicates(
      readable.map(({ name }, index) => ({ text: name, path: ['zones', index, 'name'] })),
      'the name',
    ),
    ...duplicates(domainsOf(readable), 'the domain'),
    ...readable.flatMap((zone, index) => duplicates(roomsOf(zone, index), 'the room')),
    ...severalDefaults(readable),
    ...portClashes(portClaims(readableListener, readable)),
  ];
}

/** Each key by itself, so that a fault in one does not hide faults between others. */
function readableParts<T>(shape: Record<string, Parser>, value: Record<string, unknown>): Partial<T> {
  const parts: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const result = schema.safeParse(value[key]);
    if (result.success) parts[key] = result.data;
  }
  return parts as Partial<T>;
}

interface Parser {
  safeParse(value: unknown): { readonly success: boolean; readonly data?: unknown };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
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
  return rooms.map(({ name }, index) => ({ text: name, path: ['zones', zone, 'rooms', index, 'name'] }));
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
