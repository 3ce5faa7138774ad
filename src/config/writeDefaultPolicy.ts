import { chown, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { defaultPolicy, type ZoneConfig } from '#zones/index.ts';

/** Writes the default policy where a zone has none; one that is there stays as it is. Says whether it was written. */
export async function writeDefaultPolicy(
  { kind, policy: { file } }: { kind: ZoneConfig['kind']; policy: { file: string } },
  user?: { readonly uid: number; readonly gid: number },
): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, defaultPolicy(kind), { mode: 0o644, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  if (user !== undefined) await chown(file, user.uid, user.gid);
  return true;
}
