import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ipc } from '#kernel/index.ts';
import { PhoneMedia } from './callers/PhoneMedia.ts';
import { MarkerBook } from './MarkerBook.ts';
import { Findings, placeKinds, type PlaceKind } from './search/Findings.ts';
import { PlaceSearch } from './search/PlaceSearch.ts';
import { Searcher } from './search/Searcher.ts';
import { waitFor } from './waitFor.ts';

/** What the control's process is asked to leave lying about; answered with null. */
export interface DecoyRequest {
  readonly log: string;
  readonly file: string;
  readonly metrics: string;
  readonly memory: string;
  /** A data folder with one zone, `decoy`. */
  readonly dataDir: string;
}

const zone = 'decoy';
const caller = { name: 'the control', zone };

/**
 * A search that finds nothing proves something only if it would have found it: a process of ours leaks on purpose, in every kind of
 * place but sealed records, and the same functions look through it. Returns the kinds in which the marker was not found.
 */
export async function controlFailures(folder: string): Promise<readonly PlaceKind[]> {
  const book = new MarkerBook();
  const plant = (kind: PlaceKind): string => book.plant(kind, caller);
  const dataDir = join(folder, 'control');
  await mkdir(join(dataDir, 'zones', zone), { recursive: true });
  const request: DecoyRequest = {
    ...{ log: plant('log'), file: plant('files'), metrics: plant('metrics'), memory: plant('memory') },
    dataDir,
  };
  const environment = { ...process.env, DECOY: plant('processes') };
  const rtcpName = plant('far end');
  const findings = new Findings();
  const search = new PlaceSearch(new Searcher(book.markers), findings);
  await searchDecoy(request, environment, search);
  for (const packet of await heardRtcp(rtcpName))
    search.bytes(packet, { kind: 'far end', detail: 'control' });
  const found = new Set(
    findings.all.filter(({ marker, place }) => marker.field === place.kind).map(({ place }) => place.kind),
  );
  return placeKinds.filter((kind) => kind !== 'records' && !found.has(kind));
}

async function searchDecoy(
  request: DecoyRequest,
  environment: NodeJS.ProcessEnv,
  search: PlaceSearch,
): Promise<void> {
  const program = fileURLToPath(new URL('./decoy.ts', import.meta.url));
  const child = fork(program, [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    env: environment,
  });
  const exited = once(child, 'exit');
  const ipc = new Ipc(child);
  const log: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => log.push(chunk));
  try {
    await ipc.request('leak', request, 15_000);
    await waitFor('the log line of the control', () => log.length > 0);
    const part = { pid: child.pid ?? 0, zone, role: 'control' };
    search.bytes(Buffer.concat(log), { kind: 'log', detail: 'control' });
    await search.process(part);
    await search.memory(part);
    await search.files(request.dataDir);
    await search.metrics(request.dataDir, zone);
  } finally {
    ipc.close();
    child.kill();
    await exited;
  }
}

/** What one phone hears of another one's RTCP, after SRTCP. */
async function heardRtcp(name: string): Promise<readonly Buffer[]> {
  await using speaker = await PhoneMedia.open('127.0.0.1', { cname: 'control', name });
  await using listener = await PhoneMedia.open('127.0.0.1', { cname: 'control' });
  listener.start(sdpOf(speaker));
  speaker.start(sdpOf(listener));
  await waitFor('RTCP of the control', () => listener.rtcpPackets > 0);
  return [...listener.heard];
}

function sdpOf({ offered: { port, key } }: PhoneMedia): string {
  return `m=audio ${port} RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}\r\n`;
}
