import { chmod, chown, mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';
import type { ZoneUser } from './ZoneProcess.ts';

/** First user id that zones get; above what Debian gives to people and systemd to services. */
const firstZoneUid = 61_000;

export interface ZoneFolder {
  readonly path: string;
  /** Absent: the zone runs as the supervisor's user. */
  readonly user?: ZoneUser;
}

/**
 * Makes DATA/zones/NAME for each zone, mode 0700. With `ownUsers` (needs root) each belongs to a user id of its own: the one
 * that owns the folder already, else the next free one.
 */
export async function prepareZoneFolders(
  dataDir: string,
  names: readonly string[],
  ownUsers: boolean,
): Promise<ReadonlyMap<string, ZoneFolder>> {
  const zonesDir = join(dataDir, 'zones');
  await mkdir(zonesDir, { recursive: true, mode: 0o711 });
  if (ownUsers) for (const folder of [dataDir, zonesDir]) await letThrough(folder);
  const taken = ownUsers ? await takenIds(zonesDir) : new Set<number>();
  const folders = new Map<string, ZoneFolder>();
  for (const name of names) {
    const path = join(zonesDir, name);
    await mkdir(path, { recursive: true, mode: 0o700 });
    folders.set(name, ownUsers ? { path, user: await userOf(path, taken) } : { path });
  }
  return folders;
}

/** Zones with users of their own pass through the folders above theirs, which they need not be able to list. */
async function letThrough(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & 0o011) !== 0o011) await chmod(folder, (mode & 0o7777) | 0o011);
}

async function takenIds(zonesDir: string): Promise<Set<number>> {
  const ids = new Set<number>();
  for (const line of (await readFile('/etc/passwd', 'utf8')).split('\n')) ids.add(Number(line.split(':')[2]));
  for (const name of await readdir(zonesDir)) ids.add((await stat(join(zonesDir, name))).uid);
  return ids;
}

async function userOf(path: string, taken: Set<number>): Promise<ZoneUser> {
  const { uid, gid } = await stat(path);
  if (uid !== 0) return { uid, gid };
  let free = firstZoneUid;
  while (taken.has(free)) free += 1;
  if (free >= 65_000) throw new ZonebridgeError('unavailable', 'no user id between 61000 and 65000 is free');
  taken.add(free);
  await chown(path, free, free);
  return { uid: free, gid: free };
}
