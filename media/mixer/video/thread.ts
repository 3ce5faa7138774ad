// Entry of a video thread: does what the mixer process asks of it, and nothing else.
import { getPriority, setPriority } from 'node:os';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { Ipc, ZonebridgeError } from '#kernel/index.ts';
import type { MixerLadder, MixerPicture, MixerVideoLeg, VoiceDelay } from '../contract.ts';
import { threadPort } from '../threadPort.ts';
import { VideoThread } from './VideoThread.ts';

/** A voice that comes late is heard; a picture that does is hardly seen. */
const worsePriority = 10;
const worstPriority = 19;

interface StartOptions {
  readonly rtpPort: number;
  /** Measure in the background what pictures cost here. */
  readonly calibrate: boolean;
}

interface SpeakingEvent {
  readonly conferenceId: string;
  readonly legIds: readonly string[];
}

function serve(port: MessagePort): void {
  let video: VideoThread | undefined;
  const started = (): VideoThread => {
    if (video === undefined)
      throw new ZonebridgeError('invalid-argument', 'the video thread was not started');
    return video;
  };
  const ipc = new Ipc(threadPort(port), {
    start: ({ rtpPort, calibrate }: StartOptions) => {
      video = new VideoThread({
        rtpPort,
        calibrate,
        onStage: (conferenceId, stage) => ipc.emit('stage', { conferenceId, stage }),
        onWanted: (legId, source, height) => ipc.emit('wanted', { legId, source, height }),
        onUnits: (units) => ipc.emit('units', units),
      });
      return video.rtpPort;
    },
    setPicture: (picture: MixerPicture) => started().engine.setPicture(picture),
    removePicture: (id: string) => started().engine.removePicture(id),
    setVideoLeg: (leg: MixerVideoLeg) => started().engine.setVideoLeg(leg),
    removeVideoLeg: (id: string) => started().engine.removeVideoLeg(id),
    setLadder: (ladder: MixerLadder) => started().engine.setLadder(ladder),
    removeLadder: (id: string) => started().engine.removeLadder(id),
    setDemand: ({ ladderId, rungs }: { ladderId: string; rungs: readonly boolean[] }) =>
      started().engine.setDemand(ladderId, rungs),
    requestKeyFrame: (legId: string) => started().engine.requestKeyFrame(legId),
    snapshot: ({ conferenceId, view }: { conferenceId: string; view: string }) =>
      Buffer.from(started().engine.snapshot(conferenceId, view)).toString('base64'),
    stats: () => started().stats(),
    ping: () => null,
  });
  ipc.onEvent('speaking', (value) => {
    const { conferenceId, legIds } = value as SpeakingEvent;
    video?.engine.setSpeaking(conferenceId, legIds);
  });
  ipc.onEvent('voiceDelays', (value) => video?.engine.setVoiceDelays(value as readonly VoiceDelay[]));
}

// On Linux this is the priority of the calling thread alone.
setPriority(0, Math.min(worstPriority, getPriority(0) + worsePriority));
if (parentPort === null)
  throw new ZonebridgeError('unreachable', 'this is a thread of the mixer, not a program');
serve(parentPort);
