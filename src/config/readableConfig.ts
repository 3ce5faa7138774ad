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
