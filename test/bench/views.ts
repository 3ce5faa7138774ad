import { setTimeout as sleep } from 'node:timers/promises';
import { videoCodecNames } from '#kernel/index.ts';
import { opusVoicePackets } from './opusVoice.ts';
import { row } from './table.ts';
import { cameraClips } from './cameraClips.ts';
import { VideoRoom } from './VideoRoom.ts';

const settleMs = 4_000;
const measureMs = 5_000;
const senders = 2;

/** Encoders go with distinct views and codecs, not with how many watch. */
export async function benchViews(print: (line: string) => void): Promise<void> {
  const [clips, voice] = [cameraClips(), opusVoicePackets().packets];
  print(
    `Mixer alone: ${senders} cameras, the shared view in both codecs, watched by phones (half VP8, half H.264)`,
  );
  print(row('viewers', 'views', 'ladders', 'VP8 enc.', 'H264 enc.', 'CPU %', 'f/s each'));
  for (const viewers of [0, 2, 20, 100]) {
    await using room = await VideoRoom.open({ senders, clips, voice });
    for (let index = 0; index < viewers; index += 1) {
      await room.addWatchingPhone(index, videoCodecNames[index % 2] ?? 'VP8');
    }
    await sleep(settleMs);
    const framesBefore = room.framesWatched(viewers);
    const { before, after, elapsedMs } = await room.measure(measureMs);
    const frames = (room.framesWatched(viewers) - framesBefore) / Math.max(1, viewers);
    const { views, ladders, encoders } = after.video;
    const cpu = (100 * (after.cpuMs - before.cpuMs)) / elapsedMs;
    print(
      row(
        viewers,
        views,
        ladders,
        encoders.VP8,
        encoders.H264,
        cpu.toFixed(1),
        ((1000 * frames) / elapsedMs).toFixed(1),
      ),
    );
  }
}
