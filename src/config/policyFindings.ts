import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { policyFaults } from '#zones/index.ts';
import type { Fault } from './fault.ts';
import type { NamedFile } from './namedFiles.ts';

/** What is wrong in the policies that zones name. One that cannot be read is for `fileFindings`. */
export async function policyFindings(files: readonly NamedFile[]): Promise<readonly Fault[]> {
  const named = files.filter(({ path }) => path.at(-2) === 'policy' && path.at(-1) === 'file');
  // Zones may share one.
  const paths = [...new Set(named.map(({ file }) => file))];
  const faults = await Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, 'utf8').catch(() => '');
      return policyFaults(text).map((fault) => ({ file: relative('', path), ...fault }));
    }),
  );
  return faults.flat();
}
