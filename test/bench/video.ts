// npm run bench:video [-- SENDERS ...]: what rooms with pictures cost the mixer.
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { videoCodecNames } from '#kernel/index.ts';
import { cameraClips } from './cameraClips.ts';
import { unitCosts } from './clip.ts';
import { opusVoicePackets } from './opusVoice.ts';
import { row } from './table.ts';
import { talkingHead } from './talk.ts';
import { VideoRoom, type Interval } from './VideoRoom.ts';

const settleMs = 4_000;
const measureMs = 10_000;
const stages = ['decode', 'compose', 'scale', 'encode', 'rtp'] as const;
/** The target, and the costs of a 720p30 encode for which it was set; percent of a core. */
const target = { senders: 9, percent: 60, VP8: 18, H264: 14 };
const demands = { 'all rungs': [true, true, true], 'top rung': [false, false, true] } as const;

function line(senders: number, demand: string, { before, after, elapsedMs, frameRate }: Interval): string {
  const share = (ms: number): string => ((100 * ms) / elapsedMs).toFixed(1);
  const { video } = after;
  const late = video.framesLate - before.video.framesLate;
  const composed = video.framesComposed - before.video.framesComposed;
  return row(
    senders,
    demand,
    share(after.cpuMs - before.cpuMs),
    ...stages.map((stage) => share(video.stageMs[stage] - before.video.stageMs[stage])),
    video.latencyMs.p50.toFixed(0),
    video.latencyMs.p99.toFixed(0),
    ((100 * late) / Math.max(1, composed)).toFixed(1),
    video.framesSkipped - before.video.framesSkipped,
    frameRate.VP8.toFixed(1),
    frameRate.H264.toFixed(1),
  );
}

async function main(sizes: readonly number[]): Promise<void> {
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, load ${loadavg()[0]?.toFixed(1) ?? ''}`);
  const units = unitCosts(talkingHead(1280, 720, 4));
  const scaled = (target.percent * (units.VP8 + units.H264)) / (target.VP8 + target.H264);
  console.log(`one 720p30 encode: VP8 ${units.VP8.toFixed(1)} %, H.264 ${units.H264.toFixed(1)} % of a core`);
  console.log(
    `target for ${target.senders} people: ${target.percent} % at ${target.VP8} and ${target.H264} %, so here ${scaled.toFixed(0)} %`,
  );
  console.log(
    '360p30 senders, half VP8, half H.264; 720p30 canvas, ladder in both codecs; 3 talkers; % of a core',
  );
  console.log(
    row(
      'senders',
      'demand',
      'CPU %',
      ...stages,
      'added p50',
      'p99 ms',
      'late %',
      'skipped',
      'VP8 f/s',
      'H264 f/s',
    ),
  );
  const [clips, voice] = [cameraClips(), opusVoicePackets().packets];
  for (const senders of sizes) {
    await using room = await VideoRoom.open({ senders, clips, voice });
    for (const [name, rungs] of Object.entries(demands)) {
      await room.demand(rungs);
      await sleep(settleMs);
      console.log(line(senders, name, await room.measure(measureMs)));
    }
    const { encoders, ladders, decoders, load } = (await room.stats()).video;
    const encoding = videoCodecNames.map((name) => `${encoders[name]} ${name}`).join(' and ');
    console.log(
      `  ${decoders} decoders, ${ladders} ladders of ${encoding} encoders; planned ${load.plannedPercent.toFixed(0)} % of ${load.capacityPercent.toFixed(0)} %`,
    );
  }
}

const sizes = process.argv.slice(2).map(Number);
await main(sizes.length > 0 ? sizes : [4, 9, 16, 25]);
