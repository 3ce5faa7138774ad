import type { CertificateFinding, InspectRequest } from '#zones/index.ts';
import { askChild } from '../askChild.ts';
import type { Fault } from './fault.ts';
import { fileFindings } from './fileFaults.ts';
import { inOrder, loadConfig, type PortOverrides } from './load.ts';
import { policyFindings } from './policyFindings.ts';
import { dueWarnings, recipientFaults } from './ownerFindings.ts';
import type { Config } from './schema.ts';
import type { ZoneGraph } from './zoneGraph.ts';

export interface CheckedFile {
  /** Absent when there are faults. */
  readonly config?: Config;
  readonly faults: readonly Fault[];
  /** Who can reach whom, however much is wrong. */
  readonly graph: ZoneGraph;
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
  const { config, identities, files, graph, readable, faults, at } = await loadConfig(file, overrides);
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
  const unfit = [...others.faults, ...recipientFaults(readable)].map(at);
  const due = [...others.warnings, ...dueWarnings(readable, new Date())].map(at);
  const all = [...[...faults, ...hard, ...unfit].sort(inOrder), ...(await policyFindings(files))];
  const warnings = [...soft, ...due].sort(inOrder);
  return config === undefined || all.length > 0
    ? { faults: all, graph, warnings }
    : { config, faults: [], graph, warnings };
}
