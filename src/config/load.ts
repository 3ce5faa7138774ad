import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorText } from '#kernel/index.ts';
import { crossChecks } from './crossChecks.ts';
import type { Fault, PathFault } from './fault.ts';
import { configSchema, type Config } from './schema.ts';
import { schemaFaults } from './schemaFaults.ts';
import { readYaml } from './yamlFile.ts';

/** Ports from the command line, which win over the file's. */
export interface PortOverrides {
  readonly sipPort?: number | undefined;
  readonly httpsPort?: number | undefined;
}

export interface Loaded {
  /** Paths of files are absolute. Absent when there are faults. */
  readonly config?: Config;
  /** All of them, in the order of the file. */
  readonly faults: readonly Fault[];
  /** Puts a fault that was found elsewhere at its place in the file. */
  readonly at: (fault: PathFault) => Fault;
}

const maxBytes = 1_000_000;

/** Reads and checks a configuration file, but for the files that it names. */
export async function loadConfig(file: string, overrides: PortOverrides = {}): Promise<Loaded> {
  try {
    return parseConfig(file, await readFile(file, 'utf8'), overrides);
  } catch (error) {
    const fault = { file, message: `cannot be read: ${errorText(error)}` };
    return { faults: [fault], at: ({ message }) => ({ file, message }) };
  }
}

/** `file` is for messages, and for the paths in the text, which are relative to its folder. */
export function parseConfig(file: string, text: string, overrides: PortOverrides = {}): Loaded {
  if (text.length > maxBytes) throw new Error(`longer than ${maxBytes} bytes`);
  const yaml = readYaml(file, text);
  const at = ({ path, message }: PathFault): Fault => ({ file, ...yaml.locate(path), message });
  if (yaml.value === undefined) return { faults: yaml.faults, at };
  const value = overridden(yaml.value, overrides);
  const result = configSchema.safeParse(value);
  const found = [...(result.success ? [] : schemaFaults(result.error.issues, value)), ...crossChecks(value)];
  const faults = [...yaml.faults, ...found.map(at)].sort(inOrder);
  return result.success && faults.length === 0
    ? { config: withAbsolutePaths(result.data, dirname(resolve(file))), faults, at }
    : { faults, at };
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

function withAbsolutePaths(config: Config, folder: string): Config {
  const zones = config.zones.map((zone) => ({
    ...zone,
    tls: {
      certificate: resolve(folder, zone.tls.certificate),
      key: resolve(folder, zone.tls.key),
      ...(zone.tls.client_ca === undefined ? {} : { client_ca: resolve(folder, zone.tls.client_ca) }),
    },
  }));
  return { ...config, zones };
}

function inOrder(one: Fault, other: Fault): number {
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}
