import { readFile, readdir, readlink } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** A process of the server that is tried. */
export interface ServerPart {
  readonly pid: number;
  /** Undefined: the supervisor and listener. */
  readonly zone: string | undefined;
  /** `core: zonebridge-mixer` */
  readonly role: string;
}

/** The process that was started and all that descend from it, each with its zone, in whose folder it works. */
export async function serverParts(pid: number, dataDir: string): Promise<readonly ServerPart[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    const parent = /^\d+$/.test(name) ? await parentOf(Number(name)) : undefined;
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const family = [...parents.keys()].filter((candidate) => isBelow(candidate, pid, parents));
  const parts = await Promise.all(family.map((member) => partOf(member, dataDir)));
  return parts.flatMap((part) => part ?? []);
}

function isBelow(pid: number, ancestor: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
    if (at === ancestor) return true;
  }
  return false;
}

/** Undefined when it ended while we were looking. */
async function parentOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

async function partOf(pid: number, dataDir: string): Promise<ServerPart | undefined> {
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (folder === undefined) return undefined;
  const title = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
  const zones = join(dataDir, 'zones') + sep;
  const zone = folder.startsWith(zones) ? folder.slice(zones.length).split(sep)[0] : undefined;
  return { pid, zone, role: `${zone ?? 'server'}: ${title}` };
}
