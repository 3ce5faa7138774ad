import { videoCodecNames, type VideoCodecName } from '#kernel/index.ts';
import type { VideoThreadStats } from './load.ts';
import { canvasHeight } from './pictureSizes.ts';
import type { VideoConference } from './VideoConference.ts';
import type { VideoSource } from './VideoSource.ts';
import { slateShare, type View } from './View.ts';

const cameraPixels = 640 * 360;
/** What a small picture costs that does not go with its size. */
const leastShare = 0.03;

/** `VideoUsage` while it is summed up. */
interface Growing {
  cameras: number;
  views: number;
  readonly encodes: Record<VideoCodecName, number>;
}

/** What there is in these conferences, and what it is in units of cost. */
export function usageOf(
  conferences: readonly VideoConference[],
  nowMs: number,
  frameRate: number,
): Pick<VideoThreadStats, 'usage' | 'views' | 'encoders' | 'ladders' | 'decoders'> {
  const views = conferences.flatMap((conference) => conference.views.all);
  const sources = conferences.flatMap((conference) =>
    [...conference.people.values()].flatMap(({ camera, screen }) => [camera, screen]),
  );
  const decoded = sources.filter((source): source is VideoSource => source?.decoding === true);
  const encoders: Record<VideoCodecName, number> = { VP8: 0, H264: 0 };
  const usage: Growing = {
    cameras: decoded.reduce((total, source) => total + cameras(source), 0),
    views: views.length,
    encodes: { VP8: 0, H264: 0 },
  };
  for (const { encodings, slate } of views) {
    const leastInterval = slate === undefined ? 1 : slateShare;
    for (const encoding of encodings) {
      const share = (encoding.height / canvasHeight) ** 2 + leastShare;
      encoders[encoding.codec] += 1;
      usage.encodes[encoding.codec] += share / Math.max(leastInterval, encoding.interval(nowMs, frameRate));
    }
  }
  addReserved(usage, conferences);
  return {
    usage,
    views: views.length,
    encoders,
    ladders: views.reduce((total, view) => total + codecs(view), 0),
    decoders: decoded.length,
  };
}

function cameras({ width, height }: VideoSource): number {
  return width === 0 ? 1 : Math.max(leastShare, (width * height) / cameraPixels);
}

function codecs({ encodings }: View): number {
  return videoCodecNames.filter((name) => encodings.some(({ codec }) => codec === name)).length;
}

/** What those outside of the room will cost when they are let in, so that there is still room for them then. */
function addReserved(usage: Growing, conferences: readonly VideoConference[]): void {
  for (const { people, encodeBudget } of conferences) {
    let views = 0;
    for (const { held, camera, stream } of people.values()) {
      if (!held || camera === undefined) continue;
      if (!camera.decoding) usage.cameras += 1;
      if (stream === undefined || views >= encodeBudget) continue;
      views += 1;
      usage.encodes[stream.codec] += 1;
    }
    usage.views += views;
  }
}
