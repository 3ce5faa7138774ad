// Entry of the audio thread: does what the mixer process asks of it, and nothing else.
import { setPriority } from 'node:os';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { Ipc, ZonebridgeError } from '#kernel/index.ts';
import type { MixerLeg } from '../contract.ts';
import { SoundStore, type PlayRequest } from '../playRequest.ts';
import { threadPort } from '../threadPort.ts';
import { AudioThread } from './AudioThread.ts';

/** On Linux this is the priority of the calling thread alone; to better it needs a right that we may not have. */
const niceness = -10;

interface StartOptions {
  readonly rtpPort: number;
  readonly maxTalkers: number;
}

function serve(port: MessagePort): void {
  let audio: AudioThread | undefined;
  const sounds = new SoundStore();
  const started = (): AudioThread => {
    if (audio === undefined)
      throw new ZonebridgeError('invalid-argument', 'the audio thread was not started');
    return audio;
  };
  const ipc = new Ipc(threadPort(port), {
    start: ({ rtpPort, maxTalkers }: StartOptions) => {
      audio = new AudioThread({
        rtpPort,
        maxTalkers,
        onSpeaking: (conferenceId, legIds) => ipc.emit('speaking', { conferenceId, legIds }),
        onVoiceDelays: (delays) => ipc.emit('voiceDelays', delays),
        onPromptEnd: (promptId) => ipc.emit('promptEnd', promptId),
        onContributors: (counts) => ipc.emit('contributors', counts),
        onDigit: (legId, digit, durationMs) => ipc.emit('digit', { legId, digit, durationMs }),
      });
      return audio.rtpPort;
    },
    setLeg: (leg: MixerLeg) => started().engine.setLeg(leg),
    setLegs: (legs: readonly MixerLeg[]) => {
      for (const leg of legs) started().engine.setLeg(leg);
    },
    removeLeg: (id: string) => started().engine.removeLeg(id),
    setMuted: ({ id, muted }: { id: string; muted: boolean }) => started().engine.setMuted(id, muted),
    setHeld: ({ id, held }: { id: string; held: boolean }) => started().engine.setHeld(id, held),
    play: (request: PlayRequest) => started().engine.play(request.id, request.promptId, sounds.take(request)),
    stopPlaying: (id: string) => started().engine.stopPlaying(id),
    setPacketLoss: ({ id, fraction }: { id: string; fraction: number }) =>
      started().engine.setPacketLoss(id, fraction),
    stats: () => started().stats(),
    ping: () => null,
  });
}

function preferThisThread(): void {
  try {
    setPriority(0, niceness);
  } catch (error) {
    if (!isNotAllowed(error)) throw error;
  }
}

/** Node gives a system error as `info`, its own code says no more than that it is one. */
function isNotAllowed(error: unknown): boolean {
  if (!(error instanceof Error) || !('info' in error)) return false;
  const { code } = error.info as { code?: unknown };
  return code === 'EACCES' || code === 'EPERM';
}

preferThisThread();
if (parentPort === null)
  throw new ZonebridgeError('unreachable', 'this is a thread of the mixer, not a program');
serve(parentPort);
