import { availableParallelism } from 'node:os';
import type { VideoCodecName } from '#kernel/index.ts';
import type { MixerVideoStats, VideoLoad } from '../contract.ts';
import type { UnitCosts } from './unitCosts.ts';

/** What a thread works on now, in the units of `UnitCosts`. */
export interface VideoUsage {
  /** Decoders, a 360p one counting 1. */
  readonly cameras: number;
  /** Views that are composed. */
  readonly views: number;
  /** Encodings, a 720p one at the full frame rate counting 1. */
  readonly encodes: Readonly<Record<VideoCodecName, number>>;
}

export interface VideoThreadStats extends Omit<MixerVideoStats, 'load'> {
  readonly usage: VideoUsage;
  readonly lateFraction: number;
}

/** RTP, RTCP and what JavaScript does around the codecs. */
const overhead = 1.15;
/** The audio thread and mediasoup-worker need this much of the machine's cores. */
const othersPercent = 50;

export function videoLoad(threads: readonly VideoThreadStats[], units: UnitCosts | undefined): VideoLoad {
  const lateFraction = Math.max(0, ...threads.map((thread) => thread.lateFraction));
  if (units === undefined)
    return { capacityPercent: 0, plannedPercent: 0, perCameraPercent: 0, perViewPercent: 0, lateFraction };
  const { camera, compose, encode } = units;
  let planned = 0;
  for (const { usage } of threads) {
    planned += usage.cameras * camera + usage.views * compose;
    planned += usage.encodes.VP8 * encode.VP8 + usage.encodes.H264 * encode.H264;
  }
  return {
    capacityPercent: Math.min(threads.length * 100, availableParallelism() * 100 - othersPercent),
    plannedPercent: planned * overhead,
    perCameraPercent: camera * overhead,
    perViewPercent: (compose + Math.max(encode.VP8, encode.H264)) * overhead,
    lateFraction,
  };
}

export function mergeVideoStats(
  threads: readonly VideoThreadStats[],
  units: UnitCosts | undefined,
): MixerVideoStats {
  const sum = (figure: (thread: VideoThreadStats) => number): number =>
    threads.reduce((total, thread) => total + figure(thread), 0);
  const most = (figure: (thread: VideoThreadStats) => number): number =>
    threads.reduce((highest, thread) => Math.max(highest, figure(thread)), 0);
  return {
    load: videoLoad(threads, units),
    views: sum(({ views }) => views),
    encoders: { VP8: sum(({ encoders }) => encoders.VP8), H264: sum(({ encoders }) => encoders.H264) },
    ladders: sum(({ ladders }) => ladders),
    decoders: sum(({ decoders }) => decoders),
    frameRate: threads.reduce((lowest, { frameRate }) => Math.min(lowest, frameRate), 30),
    stageMs: {
      decode: sum(({ stageMs }) => stageMs.decode),
      compose: sum(({ stageMs }) => stageMs.compose),
      scale: sum(({ stageMs }) => stageMs.scale),
      encode: sum(({ stageMs }) => stageMs.encode),
      rtp: sum(({ stageMs }) => stageMs.rtp),
    },
    framesComposed: sum(({ framesComposed }) => framesComposed),
    framesLate: sum(({ framesLate }) => framesLate),
    framesSkipped: sum(({ framesSkipped }) => framesSkipped),
    latencyMs: {
      p50: most(({ latencyMs }) => latencyMs.p50),
      p99: most(({ latencyMs }) => latencyMs.p99),
      max: most(({ latencyMs }) => latencyMs.max),
    },
    packetsReceived: sum(({ packetsReceived }) => packetsReceived),
    packetsSent: sum(({ packetsSent }) => packetsSent),
  };
}
