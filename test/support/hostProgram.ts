// One of two hosts: a server with a phone in a room of it. Runs inside of a network namespace and does what its parent asks for.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ipc, parentPort } from '#kernel/index.ts';
import { openRecords, verifyRecords } from '#zones/cdr/index.ts';
import { Baresip } from './Baresip.ts';
import { testOwnerIdentity } from './governance.ts';
import { levels } from './hearing.ts';
import type { HostOrder, HostReport } from './Host.ts';
import { Server } from './Server.ts';
import { lastSeconds, readWav } from './wav.ts';

const run = promisify(execFile);
let host: { server: Server; phone: Baresip; zone: string } | undefined;

const ipc = new Ipc(parentPort(), { start, dial, report });
process.once('disconnect', () => void stop());

async function start({ place, zone, room, phone }: HostOrder): Promise<void> {
  const server = await Server.run(place);
  host = { server, phone: await Baresip.start(phone), zone };
  await host.phone.call(server.sip(zone, room));
}

/** `zonebridge zone dial`; what it prints. */
async function dial({ room, uri }: { room: string; uri: string }): Promise<string> {
  const { server, zone } = running();
  const words = ['src/main.ts', 'zone', 'dial', zone, room, uri, '--data', server.dataDir];
  const { stdout } = await run(process.execPath, words, { cwd: new URL('../..', import.meta.url) });
  return stdout;
}

/** What the phone heard and what the zone has written; the host is over then. */
async function report(tonesHz: readonly number[]): Promise<HostReport> {
  const { server, phone, zone } = running();
  const recording = await phone.recording();
  await phone.stop();
  const heardDb = levels(lastSeconds(await readWav(recording), 3), tonesHz);
  await server.stop();
  const folder = join(server.dataDir, 'zones', zone);
  const records = JSON.stringify(await openRecords(folder, testOwnerIdentity));
  const { faults } = await verifyRecords(folder);
  const log = server.log;
  const network = await readFile('/proc/net/route', 'utf8');
  return {
    heardDb,
    records,
    faults,
    log,
    hasWayOut: /^\S+\t00000000\t/m.test(network),
  };
}

function running(): NonNullable<typeof host> {
  if (host === undefined) throw new Error('the host is not started');
  return host;
}

async function stop(): Promise<void> {
  await host?.phone[Symbol.asyncDispose]();
  await host?.server[Symbol.asyncDispose]();
  host = undefined;
  ipc.close();
}
