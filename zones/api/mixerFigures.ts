import type { Registry } from 'prom-client';
import type { MixerStats } from '#media/mixer/contract.ts';
import { figures } from './figures.ts';

const perSecond = 1000;

/** What the zone's mixer counts. After the mixer was restarted its counters begin at 0 again. */
export function mixerFigures(registry: Registry): ReturnType<typeof figures<MixerStats>> {
  return figures<MixerStats>(registry, [...audioFigures, ...videoFigures, ...loadFigures]);
}

type MixerFigure = Parameters<typeof figures<MixerStats>>[1][number];

const audioFigures: readonly MixerFigure[] = [
  { name: 'mixer_legs', help: 'Legs that the mixer has.', kind: 'gauge', of: ({ legs }) => legs },
  {
    name: 'mixer_cpu_seconds_total',
    help: 'CPU of the mixer process.',
    kind: 'counter',
    of: ({ cpuMs }) => cpuMs / perSecond,
  },
  {
    name: 'mixer_audio_encodes',
    help: 'Encodes of the most recent tick of 20 ms.',
    label: 'codec',
    kind: 'gauge',
    of: ({ encodesPerTick }) => encodesPerTick,
  },
  {
    name: 'mixer_audio_ticks_total',
    help: 'Ticks of 20 ms; late: mixed to catch up, skipped: given up.',
    label: 'outcome',
    kind: 'counter',
    of: ({ ticks, ticksLate, ticksSkipped }) => ({ all: ticks, late: ticksLate, skipped: ticksSkipped }),
  },
  {
    name: 'mixer_audio_lateness_ms',
    help: 'How late ticks were.',
    label: 'quantile',
    kind: 'gauge',
    of: ({ latenessMs }) => quantiles(latenessMs),
  },
  {
    name: 'mixer_audio_packets_total',
    help: 'RTP packets of the audio thread.',
    label: 'direction',
    kind: 'counter',
    of: ({ packetsReceived, packetsSent }) => ({ received: packetsReceived, sent: packetsSent }),
  },
];

const videoFigures: readonly MixerFigure[] = [
  {
    name: 'mixer_video_encoders',
    help: 'Video encoders that exist; a ladder of three sizes is three.',
    label: 'codec',
    kind: 'gauge',
    of: ({ video }) => video.encoders,
  },
  {
    name: 'mixer_video_ladders',
    help: 'Distinct views times codecs.',
    kind: 'gauge',
    of: ({ video }) => video.ladders,
  },
  {
    name: 'mixer_video_views',
    help: 'Distinct pictures that are composed.',
    kind: 'gauge',
    of: ({ video }) => video.views,
  },
  {
    name: 'mixer_video_decoders',
    help: 'Cameras and screens that are decoded.',
    kind: 'gauge',
    of: ({ video }) => video.decoders,
  },
  {
    name: 'mixer_video_frame_rate',
    help: 'Frames a second that pictures are composed with now.',
    kind: 'gauge',
    of: ({ video }) => video.frameRate,
  },
  {
    name: 'mixer_video_frames_total',
    help: 'Frames of pictures.',
    label: 'outcome',
    kind: 'counter',
    of: ({ video: { framesComposed, framesLate, framesSkipped } }) => ({
      composed: framesComposed,
      late: framesLate,
      skipped: framesSkipped,
    }),
  },
  {
    name: 'mixer_video_latency_ms',
    help: 'From the arrival of a camera frame to the departure of the first picture with it.',
    label: 'quantile',
    kind: 'gauge',
    of: ({ video }) => quantiles(video.latencyMs),
  },
  {
    name: 'mixer_video_packets_total',
    help: 'RTP packets of the video threads.',
    label: 'direction',
    kind: 'counter',
    of: ({ video }) => ({ received: video.packetsReceived, sent: video.packetsSent }),
  },
  {
    name: 'mixer_video_cpu_seconds_total',
    help: 'CPU of the video threads by what it was spent on.',
    label: 'stage',
    kind: 'counter',
    of: ({ video: { stageMs } }) =>
      Object.fromEntries(Object.entries(stageMs).map(([stage, ms]) => [stage, ms / perSecond])),
  },
];

const loadFigures: readonly MixerFigure[] = [
  {
    name: 'mixer_video_load_percent',
    help: 'Percent of one core: what the mixer can do, what is planned, and what one more costs at most.',
    label: 'what',
    kind: 'gauge',
    of: ({ video: { load } }) => ({
      capacity: load.capacityPercent,
      planned: load.plannedPercent,
      camera: load.perCameraPercent,
      view: load.perViewPercent,
    }),
  },
  {
    name: 'mixer_video_late_fraction',
    help: 'Share of the last seconds’ frames that came out late.',
    kind: 'gauge',
    of: ({ video }) => video.load.lateFraction,
  },
];

function quantiles({ p50, p99, max }: MixerStats['latenessMs']): Readonly<Record<string, number>> {
  return { '0.5': p50, '0.99': p99, '1': max };
}
