import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { errorText } from '#kernel/index.ts';
import type { PathFault } from './fault.ts';
import type { NamedFile } from './namedFiles.ts';

export interface FileFindings {
  readonly faults: readonly PathFault[];
  /** Files that the user who checks may not read, which may be right: the zone has a user of its own. */
  readonly warnings: readonly PathFault[];
}

/** Whether files are there and can be read. Reads none: some hold secrets. Those of `tls` are for `inspectProgram`, which reads them. */
export async function fileFindings(files: readonly NamedFile[]): Promise<FileFindings> {
  const faults: PathFault[] = [];
  const warnings: PathFault[] = [];
  for (const { path, file } of files.filter((named) => !named.path.includes('tls'))) {
    const error = await access(file, constants.R_OK).then(
      () => undefined,
      (reason: unknown) => reason as NodeJS.ErrnoException,
    );
    if (error === undefined) continue;
    if (error.code === 'ENOENT') faults.push({ path, message: `${file} is not there${hint(path)}` });
    else if (error.code === 'EACCES')
      warnings.push({ path, message: `${file} cannot be read by the user who checks` });
    else faults.push({ path, message: `${file} cannot be read: ${errorText(error)}` });
  }
  return { faults, warnings };
}

function hint(path: PathFault['path']): string {
  if (path.includes('digest')) return '; `zonebridge digest-user add` makes it';
  return path.includes('policy') && path.at(-1) === 'file'
    ? '; `zonebridge zone add` writes one for a new zone, docs/policy.md says what it may say'
    : '';
}
