import { useEffect, useRef } from 'preact/hooks';
import type { CallState, RoomCall } from '../protocol/index.ts';
import { useDevice, useLevelTap, type UsedDevice } from './hooks.ts';
import type { LevelTap } from './LevelTap.ts';
import { readPreferences, remember } from './preferences.ts';

export interface Devices {
  readonly microphone: UsedDevice;
  readonly camera: UsedDevice;
  readonly tap: LevelTap | undefined;
  /** Turns the camera on or off, and remembers it. */
  readonly toggleCamera: () => void;
  /** After a call: takes back what was let go of. */
  readonly reopen: () => void;
}

/** One's microphone and camera, for the join page and for the call that they go to. */
export function useDevices(
  cameraWanted: boolean,
  call: RoomCall | undefined,
  state: CallState | undefined,
): Devices {
  const { microphoneId, cameraId } = useRef(readPreferences()).current;
  const microphone = useDevice('microphone', true, microphoneId);
  const camera = useDevice('camera', cameraWanted, cameraId);
  const tap = useLevelTap(microphone.state.track);
  const wanted = useRef(cameraWanted);
  useTrack(microphone.state.track, (track) => void call?.setMicrophone(track));
  useTrack(camera.state.track, (track) => void call?.setCamera(track));

  const { phase, video } = state ?? {};
  const over = call !== undefined && phase?.kind === 'over';
  const seen = !over && (phase?.kind !== 'joined' || video === true);
  useEffect(() => {
    if (over) microphone.device?.stop();
  }, [over]);
  useEffect(() => {
    if (!seen) camera.device?.stop();
  }, [seen]);

  return {
    microphone,
    camera,
    tap,
    toggleCamera: () => {
      const { status } = camera.state;
      wanted.current = status === 'off' || status === 'failed';
      remember('camera', wanted.current);
      if (wanted.current) void camera.device?.open();
      else camera.device?.stop();
    },
    reopen: () => {
      void microphone.device?.open();
      if (wanted.current) void camera.device?.open();
    },
  };
}

/** Calls back when another track takes the place of the present one. */
function useTrack(
  track: MediaStreamTrack | undefined,
  onChange: (track: MediaStreamTrack | undefined) => void,
): void {
  const last = useRef(track);
  useEffect(() => {
    if (track === last.current) return;
    last.current = track;
    onChange(track);
  }, [track]);
}
