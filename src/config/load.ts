import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorText } from '#kernel/index.ts';
import type { ZoneConfig } from '#zones/index.ts';
import { crossChecks } from './crossChecks.ts';
import type { Fault, PathFault } from './fault.ts';
import { namedFiles, withAbsoluteFiles, type NamedFile } from './namedFiles.ts';
import { readableConfig, readableZones, type ReadableConfig } from './readableConfig.ts';
import { configSchema, type Config } from './schema.ts';
import { schemaFaults } from './schemaFaults.ts';
import { readYaml } from './yamlFile.ts';
import { zoneGraph, type ZoneGraph } from './zoneGraph.ts';

/** Ports from the command line, which win over the file's. */
export interface PortOverrides {
  readonly sipPort?: number | undefined;
  readonly httpsPort?: number | undefined;
}

export interface Loaded {
  /** Paths of files are absolute. Absent when there are faults. */
  readonly config?: Config;
  /** Of each zone where they can be read, however much else is wrong; paths are absolute. */
  readonly identities: readonly Identity[];
  /** The files that the zones name, in the same way; the path is that in the configuration. */
  readonly files: readonly NamedFile[];
  /** Who can reach whom, as far as it can be read. */
  readonly graph: ZoneGraph;
  readonly readable: ReadableConfig;
  /** All of them, in the order of the file. */
  readonly faults: readonly Fault[];
  /** Puts a fault that was found elsewhere at its place in the file. */
  readonly at: (fault: PathFault) => Fault;
}

/** How a zone shows who it is. */
export interface Identity extends Pick<ZoneConfig, 'domains' | 'tls'> {
  /** Its place in the list of zones. */
  readonly zone: number;
}

/** Of what cannot be read at all. */
const nothing = { identities: [], files: [], graph: { nodes: new Map(), edges: [] }, readable: {} } as const;
const maxBytes = 1_000_000;

/** Reads and checks a configuration file, but for the files that it names. */
export async function loadConfig(file: string, overrides: PortOverrides = {}): Promise<Loaded> {
  try {
    return parseConfig(file, await readFile(file, 'utf8'), overrides);
  } catch (error) {
    const fault = { file, message: `cannot be read: ${errorText(error)}` };
    return { ...nothing, faults: [fault], at: ({ message }) => ({ file, message }) };
  }
}

/** `file` is for messages, and for the paths in the text, which are relative to its folder. */
export function parseConfig(file: string, text: string, overrides: PortOverrides = {}): Loaded {
  if (text.length > maxBytes) throw new Error(`longer than ${maxBytes} bytes`);
  const yaml = readYaml(file, text);
  const at = ({ path, message }: PathFault): Fault => ({ file, ...yaml.locate(path), message });
  if (yaml.value === undefined) return { ...nothing, faults: yaml.faults, at };
  const value = overridden(yaml.value, overrides);
  const result = configSchema.safeParse(value);
  const readable = readableConfig(value);
  const found = [
    ...(result.success ? [] : schemaFaults(result.error.issues, value)),
    ...crossChecks(readable),
  ];
  const faults = [...yaml.faults, ...found.map(at)].sort(inOrder);
  const folder = dirname(resolve(file));
  const [identities, files] = [identitiesOf(readable, folder), filesOf(readable, folder)];
  const read = { identities, files, graph: zoneGraph(readable), readable, faults, at };
  if (!result.success || faults.length > 0) return read;
  const zones = result.data.zones.map((zone) => withAbsoluteFiles(zone, folder));
  return { config: { ...result.data, zones }, ...read };
}

function overridden(value: unknown, { sipPort, httpsPort }: PortOverrides): unknown {
  if (typeof value !== 'object' || value === null || (sipPort ?? httpsPort) === undefined) return value;
  const { listener = {} } = value as { listener?: unknown };
  if (typeof listener !== 'object') return value;
  const ports = {
    ...(sipPort === undefined ? {} : { sip_port: sipPort }),
    ...(httpsPort === undefined ? {} : { https_port: httpsPort }),
  };
  return { ...value, listener: { ...listener, ...ports } };
}

function identitiesOf(config: ReadableConfig, folder: string): readonly Identity[] {
  return readableZones(config).flatMap(({ domains = [], tls }, zone) => {
    const { certificate, key, client_ca } = tls ?? {};
    if (certificate === undefined || key === undefined) return [];
    const readableDomains = domains.filter((domain) => domain !== undefined);
    return [{ zone, domains: readableDomains, tls: absolute({ certificate, key, client_ca }, folder) }];
  });
}

function filesOf(config: ReadableConfig, folder: string): readonly NamedFile[] {
  return readableZones(config).flatMap((zone, index) =>
    namedFiles(zone).map(({ path, file }) => ({
      path: ['zones', index, ...path],
      file: resolve(folder, file),
    })),
  );
}

function absolute({ certificate, key, client_ca }: ZoneConfig['tls'], folder: string): ZoneConfig['tls'] {
  return {
    certificate: resolve(folder, certificate),
    key: resolve(folder, key),
    ...(client_ca === undefined ? {} : { client_ca: resolve(folder, client_ca) }),
  };
}

export function inOrder(one: Fault, other: Fault): number {
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}
