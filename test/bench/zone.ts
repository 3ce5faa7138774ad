import { setTimeout as sleep } from 'node:timers/promises';
import { cpuTimeMs } from '#test/support/processes.ts';
import { tonesHz } from '#test/support/hearing.ts';
import { RtpPhone } from '#test/support/RtpPhone.ts';
import { Stage } from '#test/support/Stage.ts';
import { waitFor } from '#test/support/waitFor.ts';
import { processesOf } from '#test/support/zoneProcesses.ts';
import { opusVoicePackets } from './opusVoice.ts';
import { row } from './table.ts';

const talkers = 3;
const settleMs = 3_000;
const measureMs = 8_000;

interface Shares {
  readonly mixer: number;
  readonly worker: number;
  readonly host: number;
}

async function cpuOfZone(pids: Readonly<Record<keyof Shares, number>>): Promise<Shares> {
  const [mixer, worker, host] = await Promise.all([
    cpuTimeMs(pids.mixer),
    cpuTimeMs(pids.worker),
    cpuTimeMs(pids.host),
  ]);
  return { mixer, worker, host };
}

/** Legs by SIP TLS and SDES-SRTP in one room of a real server; shares are of one core. */
async function conference(legs: number): Promise<string[]> {
  await using stage = await Stage.start();
  const { server } = stage;
  await using phones = new AsyncDisposableStack();
  const joined: number[] = [];
  for (let index = 0; index < legs; index += 1) {
    const tone = index < talkers ? tonesHz[index] : undefined;
    const call = {
      uri: server.sip('meetme', 'welcome'),
      caFile: server.ready.ca,
      ...(tone === undefined ? {} : { toneHz: tone }),
    };
    const dialledMs = Date.now();
    const phone = phones.use(await RtpPhone.call(call));
    const first = await waitFor('first audio', () => phone.arrivalsMs[0], 10_000, 5);
    joined.push(first - dialledMs);
  }
  const { host, mixer, worker } = await processesOf(server, 'meetme');
  const pids = { host: host.pid, mixer: mixer.pid, worker: worker.pid };
  await sleep(settleMs);
  const [before, startMs] = [await cpuOfZone(pids), performance.now()];
  await sleep(measureMs);
  const [after, tookMs] = [await cpuOfZone(pids), performance.now() - startMs];
  const percent = (part: keyof Shares): number => (100 * (after[part] - before[part])) / tookMs;
  const all = percent('mixer') + percent('worker') + percent('host');
  joined.sort((a, b) => a - b);
  const shares = [percent('mixer'), percent('worker'), percent('host'), all, all / legs];
  const times = [joined[Math.floor(legs / 2)] ?? 0, joined.at(-1) ?? 0];
  return [String(legs), ...shares.map((share) => share.toFixed(2)), ...times.map((time) => time.toFixed(0))];
}

/** One row a size: the whole server, with calls as phones make them. */
export async function benchZone(print: (line: string) => void): Promise<void> {
  const { encodePercent } = opusVoicePackets();
  print(`one zone, Opus legs over SIP TLS and SRTP, ${talkers} talkers, the others in DTX; % of one core,`);
  print(`where one Opus encode stream costs ${encodePercent.toFixed(2)} %; first audio in ms after dialling`);
  print(row('legs', 'mixer', 'worker', 'zone host', 'all', 'per leg', 'audio p50', 'max'));
  for (const legs of [10, 50, 100, 200]) print(row(...(await conference(legs))));
}
