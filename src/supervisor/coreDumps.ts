import { readFileSync, writeFileSync } from 'node:fs';

/** Which parts of the memory go into a core file, as bits (core(5)); what is started inherits it, through exec too. */
const filterFile = '/proc/self/coredump_filter';

/**
 * A core file of this process, or of any that it starts from now on, has no memory in it, whatever the limits of the user are: a zone that
 * crashes would else write names, addresses and keys into a file. Returns what the kernel says when it does not do so.
 */
export function keepMemoryOutOfCoreDumps(): Error | null {
  try {
    writeFileSync(filterFile, '0');
    return Number.parseInt(readFileSync(filterFile, 'utf8'), 16) === 0
      ? null
      : new Error(`${filterFile} did not change`);
  } catch (error) {
    return error as Error;
  }
}
