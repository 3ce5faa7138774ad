import type { CertificateFinding, InspectRequest } from '#zones/index.ts';
import { askChild } from '../askChild.ts';
import type { Fault } from './fault.ts';
import { loadConfig, type PortOverrides } from './load.ts';
import type { Config } from './schema.ts';

export interface CheckedFile {
  /** Absent when there are faults. */
  readonly config?: Config;
  readonly faults: readonly Fault[];
  /** Things that stop nothing but somebody should know. */
  readonly warnings: readonly Fault[];
}

/**
 * Reads and checks a configuration and the certificates that it names. Those are read by `inspectProgram`, a child process,
 * because no key may ever be in this one.
 */
export async function checkFile(
  file: string,
  inspectProgram: string,
  overrides: PortOverrides = {},
): Promise<CheckedFile> {
  const { config, faults, at } = await loadConfig(file, overrides);
  if (config === undefined) return { faults, warnings: [] };
  const request: InspectRequest = config.zones.map(({ domains, tls }) => ({ domains, tls }));
  const findings = await askChild<readonly CertificateFinding[]>(inspectProgram, 'inspect', request);
  const placed = findings.map(({ zone, part, kind, message }) => ({
    kind,
    fault: at({ path: ['zones', zone, 'tls', part], message }),
  }));
  const hard = placed.filter(({ kind }) => kind === 'fault').map(({ fault }) => fault);
  const soft = placed.filter(({ kind }) => kind !== 'fault').map(({ fault }) => fault);
  return hard.length > 0 ? { faults: hard, warnings: soft } : { config, faults: [], warnings: soft };
}
