import { useState } from 'preact/hooks';
import type { CallState, RoomCall } from '../protocol/index.ts';
import { screenProblem, type CaptureProblem } from './captureProblem.ts';

export interface ScreenShare {
  /** The call has a picture and the browser can share; those of phones cannot. */
  readonly possible: boolean;
  readonly toggle: () => void;
  readonly problem: CaptureProblem | undefined;
  readonly forgetProblem: () => void;
}

const options: DisplayMediaStreamOptions = {
  video: { frameRate: { max: 15 }, width: { max: 1920 }, height: { max: 1080 } },
  audio: false,
};

export function useScreenShare(call: RoomCall, { video, sharing }: CallState): ScreenShare {
  const [problem, setProblem] = useState<CaptureProblem>();
  const start = async (): Promise<void> => {
    setProblem(undefined);
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(options);
      const [track] = stream.getVideoTracks();
      if (track === undefined) return;
      // Text is to stay sharp, whatever it costs in frames.
      track.contentHint = 'detail';
      await call.startSharing(track);
    } catch (error) {
      setProblem(screenProblem(error));
    }
  };
  return {
    possible: video && 'getDisplayMedia' in navigator.mediaDevices,
    toggle: () => {
      if (sharing) call.stopSharing();
      else void start();
    },
    problem,
    forgetProblem: () => setProblem(undefined),
  };
}
