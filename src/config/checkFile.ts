import type { CertificateFinding, InspectRequest } from '#zones/index.ts';
import { askChild } from '../askChild.ts';
import type { Fault } from './fault.ts';
import { fileFindings } from './fileFaults.ts';
import { inOrder, loadConfig, type PortOverrides } from './load.ts';
import type { Config } from './schema.ts';

export interface CheckedFile {
  /** Absent when there are faults. */
  readonly config?: Config;
  readonly faults: readonly Fault[];
  /** Things that stop nothing but somebody should know. */
  readonly warnings: readonly Fault[];
}

/**
 * Reads and checks a configuration and the files that it names. Certificates are read by `inspectProgram`, a child process,
 * because no key may ever be in this one.
 */
export async function checkFile(
  file: string,
  inspectProgram: string,
  overrides: PortOverrides = {},
): Promise<CheckedFile> {
  const { config, identities, files, faults, at } = await loadConfig(file, overrides);
  const request: InspectRequest = identities.map(({ domains, tls }) => ({ domains, tls }));
  const findings =
    request.length === 0
      ? []
      : await askChild<readonly CertificateFinding[]>(inspectProgram, 'inspect', request);
  const placed = findings.map(({ zone, part, kind, message }) => ({
    kind,
    fault: at({ path: ['zones', identities[zone]?.zone ?? zone, 'tls', part], message }),
  }));
  const others = await fileFindings(files);
  const hard = placed.filter(({ kind }) => kind === 'fault').map(({ fault }) => fault);
  const soft = placed.filter(({ kind }) => kind !== 'fault').map(({ fault }) => fault);
  const all = [...faults, ...hard, ...others.faults.map(at)].sort(inOrder);
  const warnings = [...soft, ...others.warnings.map(at)].sort(inOrder);
  return config === undefined || all.length > 0
    ? { faults: all, warnings }
    : { config, faults: [], warnings };
}
