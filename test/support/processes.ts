import { readFile, readdir } from 'node:fs/promises';

export interface RunningProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly commandLine: string;
}

/** Every process that descends from this one, as the kernel tells. */
export async function descendantsOf(pid: number): Promise<RunningProcess[]> {
  const all: RunningProcess[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8');
      const parentPid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const commandLine = (await readFile(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
      all.push({ pid: Number(name), parentPid, commandLine });
    } catch {
      // It ended while we were looking.
    }
  }
  const family = new Set([pid]);
  for (let before = 0; before !== family.size;) {
    before = family.size;
    for (const { pid: child, parentPid } of all) if (family.has(parentPid)) family.add(child);
  }
  return all.filter((process) => process.pid !== pid && family.has(process.pid));
}

/** User and system time that a process has used, milliseconds. */
export async function cpuTimeMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
