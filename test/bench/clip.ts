import type { VideoCodecName } from '#kernel/index.ts';
import { createEncoder } from '#media/mixer/video/createEncoder.ts';
import { PacketizedFrame } from '#media/mixer/video/rtp/PacketizedFrame.ts';
import { pictureAt, type Scene } from './talk.ts';

export const framesPerSecond = 30;

/** Encoded beforehand; the first frame is a key frame, so that it can be shown from the start whenever one is asked for. */
export type Clip = readonly PacketizedFrame[];

export interface Encoded {
  readonly clip: Clip;
  /** CPU of the encoder in real time, % of a core. */
  readonly cpuPercent: number;
  readonly bitrate: number;
}

export function encodeClip(codec: VideoCodecName, scene: Scene, bitrate: number, frames: number): Encoded {
  const { width, height } = scene;
  const encoder = createEncoder(codec, { width, height, bitrate, frameRate: framesPerSecond });
  const out = new Uint8Array(width * height * 2);
  const clip: PacketizedFrame[] = [];
  let bytes = 0;
  let [user, system] = [0, 0];
  for (let index = 0; index < frames; index += 1) {
    const before = process.cpuUsage();
    const length = encoder.encode(
      pictureAt(scene, index),
      (index * 90_000) / framesPerSecond,
      index === 0,
      out,
    );
    const used = process.cpuUsage(before);
    [user, system] = [user + used.user, system + used.system];
    if (length <= 0) continue;
    const frame = new PacketizedFrame();
    frame.split(codec, out.slice(0, length), length);
    clip.push(frame);
    bytes += length;
  }
  encoder.close();
  const seconds = frames / framesPerSecond;
  return { clip, cpuPercent: (user + system) / 1e4 / seconds, bitrate: (bytes * 8) / seconds };
}

/** What one 720p30 encode costs on this machine at this minute, % of a core. */
export function unitCosts(scene: Scene): Readonly<Record<VideoCodecName, number>> {
  const cost = (codec: VideoCodecName): number => {
    const runs = Array.from({ length: 3 }, () => encodeClip(codec, scene, 1_500_000, 90).cpuPercent);
    return runs.sort((a, b) => a - b)[1] ?? 0;
  };
  return { VP8: cost('VP8'), H264: cost('H264') };
}
