// npm run soak:video [-- MINUTES]: people with cameras join and leave a room of the whole server every three seconds. Memory must
// stay flat after the warm-up, and in the end no encoder, decoder or port may be left.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { videoCodecNames, type VideoCodecName } from '#kernel/index.ts';
import type { VideoInbound } from '#media/mixer/index.ts';
import { descendantsOf } from '#test/support/processes.ts';
import { Server } from '#test/support/Server.ts';
import { SipClient } from '#test/support/SipClient.ts';
import { zoneMetrics } from '../e2e/zoneCommand.ts';
import { Cameras } from './Cameras.ts';
import { cameraClips } from './cameraClips.ts';
import type { Clip } from './clip.ts';
import { row } from './table.ts';

const joinEveryMs = 3_000;
const people = 5;
const warmUpShare = 0.15;
const flatWithin = 0.1;
const zone = 'meetme';
const ports = { min: 0, max: 0 };

/** One phone with a camera, on the shared socket of `cameras`. */
class Caller {
  readonly #cameras: Cameras;
  readonly #sip: SipClient;
  readonly #camera: VideoInbound;

  static async join(server: Server, cameras: Cameras, codec: VideoCodecName, clip: Clip): Promise<Caller> {
    const sip = await SipClient.connect(server.sip(zone, 'welcome'), server.ready.ca);
    const answer = await sip.invite(offer(cameras.port, codec));
    const port = Number(/^m=video (\d+)/m.exec(answer.body)?.[1] ?? 0);
    if (port === 0) throw new Error(`no video was answered: ${answer.startLine}`);
    return new Caller(cameras, sip, cameras.add(codec, clip, port));
  }

  private constructor(cameras: Cameras, sip: SipClient, camera: VideoInbound) {
    this.#cameras = cameras;
    this.#sip = sip;
    this.#camera = camera;
  }

  async leave(): Promise<void> {
    this.#cameras.remove(this.#camera);
    await this.#sip.bye();
    await this.#sip[Symbol.asyncDispose]();
  }
}

function offer(port: number, codec: VideoCodecName): string {
  const payloadType = codec === 'VP8' ? 101 : 102;
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=rtcp-mux',
    `m=video ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${codec}/90000`,
    ...(codec === 'H264' ? [`a=fmtp:${payloadType} profile-level-id=42e01f;packetization-mode=1`] : []),
    `a=rtcp-fb:${payloadType} nack pli`,
    'a=rtcp-mux',
    '',
  ].join('\r\n');
}

/** Resident memory of the zone's processes, MiB, by what they are. */
async function memory(server: Server): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const { pid, commandLine } of await descendantsOf(server.process.pid ?? 0)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const name = /mediasoup-worker|zonebridge-[a-z]+/.exec(commandLine)?.[0] ?? 'other';
    sizes[name] = (sizes[name] ?? 0) + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }
  return sizes;
}

/** UDP ports of the zone that are open now. */
async function openPorts(): Promise<number> {
  const lines = (await readFile('/proc/net/udp', 'utf8')).split('\n').slice(1);
  const local = lines.map((line) =>
    Number.parseInt(/^\s*\d+: [0-9A-F]+:([0-9A-F]+)/.exec(line)?.[1] ?? '0', 16),
  );
  return local.filter((port) => port >= ports.min && port <= ports.max).length;
}

async function left(server: Server): Promise<Record<string, number>> {
  const metrics = await zoneMetrics(server, zone);
  const figure = (name: string): number => metrics.get(`zonebridge_mixer_video_${name}`) ?? -1;
  return {
    encoders: figure('encoders{codec="VP8"}') + figure('encoders{codec="H264"}'),
    decoders: figure('decoders'),
    views: figure('views'),
    ports: await openPorts(),
  };
}

async function main(minutes: number): Promise<void> {
  await using server = await Server.start([], (config) => {
    config.media.plain_rtp = { reason: 'The soak sends pictures that were made beforehand.' };
    if (config.name === zone) Object.assign(ports, config.media.ports);
  });
  using cameras = new Cameras();
  const clips = cameraClips();
  const before = await left(server);
  const samples: Record<string, number[]> = {};
  const inside: Caller[] = [];
  const startedMs = Date.now();
  const endMs = startedMs + minutes * 60_000;
  let joined = 0;
  console.log(
    `${people} people in a room, one joins and one leaves every ${joinEveryMs / 1000} s, ${minutes} minutes`,
  );
  while (Date.now() < endMs) {
    const codec = videoCodecNames[joined % videoCodecNames.length] ?? 'VP8';
    inside.push(await Caller.join(server, cameras, codec, clips[codec][joined % 3] ?? []));
    joined += 1;
    if (inside.length > people) await inside.shift()?.leave();
    const sizes = await memory(server);
    for (const [name, size] of Object.entries(sizes)) (samples[name] ??= []).push(size);
    if (joined % 20 === 0) {
      const { encoders, decoders } = await left(server);
      const text = Object.entries(sizes).map(([name, size]) => `${name} ${size.toFixed(0)} MiB`);
      console.log(`${joined} joined: ${text.join(', ')}; ${encoders} encoders, ${decoders} decoders`);
    }
    await sleep(Math.max(0, startedMs + joined * joinEveryMs - Date.now()));
  }
  for (const caller of inside) await caller.leave();
  await sleep(3_000);
  report(samples, before, await left(server), joined);
}

function report(
  samples: Record<string, readonly number[]>,
  before: Record<string, number>,
  after: Record<string, number>,
  joined: number,
): void {
  let flat = true;
  console.log(row('MiB', 'warmed up', 'at the end', 'change %'));
  for (const [name, sizes] of Object.entries(samples)) {
    const first = Math.floor(sizes.length * warmUpShare);
    const mean = (part: readonly number[]): number => part.reduce((sum, size) => sum + size, 0) / part.length;
    const span = Math.max(5, Math.floor(sizes.length * 0.1));
    const [warm, end] = [mean(sizes.slice(first, first + span)), mean(sizes.slice(-span))];
    const change = end / warm - 1;
    if (change > flatWithin) flat = false;
    console.log(row(name, warm.toFixed(0), end.toFixed(0), (100 * change).toFixed(1)));
  }
  const same = JSON.stringify(before) === JSON.stringify(after);
  console.log(`before ${JSON.stringify(before)}, after ${joined} calls ${JSON.stringify(after)}`);
  console.log(flat && same ? 'PASSED: memory is flat and nothing is left' : 'FAILED');
  if (!flat || !same) process.exitCode = 1;
}

await main(Number(process.argv[2] ?? 30));
