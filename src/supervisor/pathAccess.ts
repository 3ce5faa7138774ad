import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ZoneUser } from './ZoneProcess.ts';

/** `search`: to pass through a folder; `parents`: to get as far as the path, whatever its own mode. */
type Access = 'read' | 'execute' | 'search' | 'parents';

/** Bits of one class (owner, group, others) in a file's mode. */
const bits = { read: 4, execute: 5, search: 1, parents: 0 } as const satisfies Record<Access, number>;

/**
 * Why that user, who is in no group but his own, cannot read (or run) a file; null when he can. All folders above it must
 * let him through. Says nothing about access lists, which Debian does not use unless told to.
 */
export async function accessFault(path: string, access: Access, user: ZoneUser): Promise<string | null> {
  const file = await realpath(path);
  if (!(await allows(file, access, user))) return `${file} is closed to other users`;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (!(await allows(folder, 'search', user))) return `${folder} is closed to other users`;
    if (folder === dirname(folder)) return null;
  }
}

async function allows(path: string, access: Access, { uid, gid }: ZoneUser): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await stat(path);
  const shift = owner === uid ? 6 : group === gid ? 3 : 0;
  return ((mode >> shift) & bits[access]) === bits[access];
}
