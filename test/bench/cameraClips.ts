import type { VideoCodecName } from '#kernel/index.ts';
import { encodeClip, type Clip } from './clip.ts';
import { talkingHead } from './talk.ts';

/** What 360p cameras of three people send. */
export function cameraClips(): Record<VideoCodecName, Clip[]> {
  const scenes = [1, 2, 3].map((seed) => talkingHead(640, 360, seed));
  const clips = (codec: VideoCodecName): Clip[] =>
    scenes.map((scene) => encodeClip(codec, scene, 600_000, 290).clip);
  return { VP8: clips('VP8'), H264: clips('H264') };
}
