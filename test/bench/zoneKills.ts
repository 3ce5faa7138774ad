// npm run soak:kills [-- KILLS]: zone hosts are killed (SIGKILL) at random moments while phones call, and start again. Then nothing that
// was acknowledged may be missing in the records: who got a 200 has a start, every start has an end, and the chain verifies.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testOwnerIdentity } from '#test/support/governance.ts';
import { freePort } from '#test/support/ports.ts';
import { Server } from '#test/support/Server.ts';
import { SipClient } from '#test/support/SipClient.ts';
import { writeTestConfig } from '#test/support/testConfig.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { processesOf } from '#test/support/zoneProcesses.ts';
import { openRecords, verifyRecords } from '#zones/cdr/index.ts';
import { row } from './table.ts';

const rooms = { core: 'boardroom', meetme: 'welcome' } as const;
type Zone = keyof typeof rooms;
const zones = ['core', 'meetme'] as const;
/** The supervisor waits longer after each failure in a row; then the whole program starts anew. */
const killsOfOneStart = 5;
const callersOfAZone = 6;
const offer =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=rtcp-mux\r\n';

interface Calls {
  /** Users whose 200 has arrived. */
  readonly answered: string[];
  /** Users whose BYE was confirmed. */
  readonly ended: string[];
  lost: number;
}

const calls: Record<Zone, Calls> = {
  core: { answered: [], ended: [], lost: 0 },
  meetme: { answered: [], ended: [], lost: 0 },
};
let numbered = 0;

/** One phone after another, until `stopped`. */
async function callOn(server: Server, zone: Zone, stopped: AbortSignal): Promise<void> {
  const { answered, ended } = calls[zone];
  while (!stopped.aborted) {
    numbered += 1;
    const user = `caller-${numbered}-end`;
    try {
      await using phone = await SipClient.connect(server.sip(zone, rooms[zone]), server.ready.ca, {
        user,
        servername: `${zone}.localhost`,
      });
      const answer = await untilClosed(phone, phone.invite(offer));
      if (answer?.startLine.includes(' 200 ') !== true) continue;
      answered.push(user);
      await sleep(Math.random() * 400);
      const bye = await untilClosed(phone, phone.bye());
      if (bye?.startLine.includes(' 200 ') === true) ended.push(user);
      else calls[zone].lost += 1;
    } catch {
      // Nobody is there: the zone is starting.
      await sleep(100);
    }
  }
}

/** A killed zone closes the connection: nothing comes any more. */
async function untilClosed<T>(phone: SipClient, answer: Promise<T>): Promise<T | undefined> {
  answer.catch(() => undefined);
  return Promise.race([answer, phone.closed.then(() => undefined)]);
}

async function isAnswering(zone: Zone): Promise<void> {
  const before = calls[zone].answered.length;
  await waitFor('a call that is answered', () => calls[zone].answered.length > before, 60_000);
}

async function killOnce(server: Server, zone: Zone): Promise<void> {
  await isAnswering(zone);
  await sleep(Math.random() * 1_500);
  const { host } = await waitFor('a running zone', () =>
    processesOf(server, zone).catch(() => false as const),
  );
  process.kill(host.pid, 'SIGKILL');
}

/** Starts the program, kills each zone some times, and stops it. */
async function round(place: Parameters<typeof Server.run>[0], killsOfEach: number): Promise<void> {
  const server = await Server.run(place);
  const stop = new AbortController();
  const callers = zones.flatMap((zone) =>
    Array.from({ length: callersOfAZone }, () => callOn(server, zone, stop.signal)),
  );
  await Promise.all(
    zones.map(async (zone) => {
      for (let kill = 0; kill < killsOfEach; kill += 1) await killOnce(server, zone);
      await isAnswering(zone);
    }),
  );
  stop.abort();
  await Promise.all(callers);
  await server.stop();
}

async function judge(dataDir: string, zone: Zone): Promise<boolean> {
  const folder = join(dataDir, 'zones', zone);
  const [records, { faults }] = [await openRecords(folder, testOwnerIdentity), await verifyRecords(folder)];
  const starts = records.filter(({ type }) => type === 'leg-start');
  const ends = records.filter(({ type }) => type === 'leg-end');
  const users = new Set(starts.map(({ uri }) => /caller-\d+-end/.exec(uri ?? '')?.[0]));
  const missing = calls[zone].answered.filter((user) => !users.has(user));
  const closed = new Map(ends.map(({ leg_id: legId, cause }) => [legId, cause]));
  const open = starts.filter(({ leg_id: legId }) => !closed.has(legId));
  const workerLost = [...closed.values()].filter((cause) => cause === 'worker-lost').length;
  const legOf = new Map(
    starts.map(({ uri, leg_id: legId }) => [/caller-\d+-end/.exec(uri ?? '')?.[0], legId]),
  );
  const wrongEnds = calls[zone].ended.filter((user) => closed.get(legOf.get(user)) === 'worker-lost').length;
  console.log(
    row(
      zone,
      calls[zone].answered.length,
      missing.length,
      starts.length,
      open.length,
      workerLost,
      wrongEnds,
      faults.length,
    ),
  );
  return missing.length === 0 && open.length === 0 && faults.length === 0;
}

async function main(kills: number): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'zonebridge-kills-'));
  const ports = { sipPort: await freePort(), httpsPort: await freePort() };
  const written = await writeTestConfig(dataDir, ports, (zone) => {
    zone.media.plain_rtp = { reason: 'The callers send no media.' };
    zone.media.video = { enabled: false };
  });
  let killed = 0;
  while (killed < kills) {
    const each = Math.min(killsOfOneStart, Math.ceil((kills - killed) / zones.length));
    await round({ dataDir, ...ports, written }, each);
    killed += each * zones.length;
    console.log(
      `${killed} killed, ${calls.core.answered.length + calls.meetme.answered.length} calls answered`,
    );
  }
  console.log(
    row('zone', 'answered', 'missing', 'starts', 'open', 'worker-lost', 'BYE, then lost', 'faults'),
  );
  const verdicts = [await judge(dataDir, 'core'), await judge(dataDir, 'meetme')];
  await rm(dataDir, { recursive: true });
  const passed = verdicts.every(Boolean);
  console.log(passed ? `PASSED: nothing acknowledged is lost after ${killed} kills` : 'FAILED');
  if (!passed) process.exitCode = 1;
}

await main(Number(process.argv[2] ?? 200));
