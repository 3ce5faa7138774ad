import { descendantsOf, type RunningProcess } from './processes.ts';
import type { Server } from './Server.ts';

export interface ZoneProcesses {
  readonly host: RunningProcess;
  readonly mixer: RunningProcess;
  readonly worker: RunningProcess;
}

/** A zone's log lines carry its name and process id; its two children are told apart by their command lines. */
export async function processesOf(server: Server, zone: string): Promise<ZoneProcesses> {
  const line = new RegExp(`"pid":(\\d+),"zone":"${zone}","part"`, 'g');
  const pid = Number([...server.log.matchAll(line)].at(-1)?.[1]);
  const all = await descendantsOf(server.process.pid ?? 0);
  const host = all.find((process) => process.pid === pid);
  const children = all.filter((process) => process.parentPid === pid);
  const worker = children.find(({ commandLine }) => commandLine.includes('mediasoup-worker'));
  const mixer = children.find((process) => process !== worker);
  if (host === undefined || worker === undefined || mixer === undefined) {
    throw new Error(`processes of ${zone} not found: ${JSON.stringify(all)}`);
  }
  return { host, mixer, worker };
}
