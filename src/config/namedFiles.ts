import { resolve } from 'node:path';
import type { ZoneConfig } from '#zones/index.ts';
import type { ReadableZone } from './readableConfig.ts';

type Path = readonly PropertyKey[];

/** A file (or folder) that a zone's configuration names. */
export interface NamedFile {
  /** Its place in the zone. */
  readonly path: Path;
  readonly file: string;
}

const each = Symbol('each entry of a list');

/** All places of a zone's configuration that name one. */
export const filePlaces: readonly Path[] = [
  ...(['certificate', 'key', 'client_ca'] as const).map((key) => ['tls', key]),
  ['policy', 'file'],
  ...(['ca', 'password_file'] as const).map((key) => ['policy', 'server', key]),
  ['identity', 'revocation', 'crls', each],
  ...(['client_secret_file', 'ca'] as const).map((key) => ['identity', 'oidc', key]),
  ...(['users_file', 'secret_file'] as const).map((key) => ['identity', 'digest', key]),
  ['records', 'postgres_url_file'],
  ...(['token_file', 'ca'] as const).map((key) => ['records', 'delivery', key]),
  ['dial_out', 'ca'],
  ['prompts'],
  ['rooms', each, 'totp', 'secret_file'],
];

/** Those that it does name, however much else of it cannot be read. */
export function namedFiles(zone: ZoneConfig | ReadableZone): readonly NamedFile[] {
  return filePlaces.flatMap((place) => filesAt(zone, place, []));
}

/** The zone with the paths of its files made absolute; relative ones start at `folder`. */
export function withAbsoluteFiles(zone: ZoneConfig, folder: string): ZoneConfig {
  return namedFiles(zone).reduce<ZoneConfig>(
    (changed, { path, file }) => replaced(changed, path, resolve(folder, file)) as ZoneConfig,
    zone,
  );
}

function filesAt(value: unknown, [key, ...rest]: Path, path: Path): readonly NamedFile[] {
  if (key === undefined) return typeof value === 'string' ? [{ path, file: value }] : [];
  if (key === each) {
    const entries = Array.isArray(value) ? (value as readonly unknown[]) : [];
    return entries.flatMap((entry, index) => filesAt(entry, rest, [...path, index]));
  }
  return filesAt(partOf(value, key), rest, [...path, key]);
}

function replaced(value: unknown, [key, ...rest]: Path, file: string): unknown {
  if (key === undefined) return file;
  const part = replaced(partOf(value, key), rest, file);
  if (Array.isArray(value)) return value.with(Number(key), part) as unknown;
  return { ...(value as Record<PropertyKey, unknown>), [key]: part };
}

function partOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}
