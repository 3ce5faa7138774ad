import { videoCodecNames, type VideoCodecName } from '#kernel/index.ts';
import type { VideoThreadStats } from './load.ts';
import { canvasHeight } from './pictureSizes.ts';
import type { VideoConference } from './VideoConference.ts';
import type { VideoSource } from './VideoSource.ts';
import type { View } from './View.ts';

const cameraPixels = 640 * 360;
/** What a small picture costs that does not go with its size. */
const leastShare = 0.03;

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
  const encodes: Record<VideoCodecName, number> = { VP8: 0, H264: 0 };
  for (const { encodings } of views) {
    for (const encoding of encodings) {
      const share = (encoding.height / canvasHeight) ** 2 + leastShare;
      encoders[encoding.codec] += 1;
      encodes[encoding.codec] += share / encoding.interval(nowMs, frameRate);
    }
  }
  return {
    usage: {
      cameras: decoded.reduce((total, source) => total + cameras(source), 0),
      views: views.length,
      encodes,
    },
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
