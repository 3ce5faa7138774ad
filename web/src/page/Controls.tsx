import type { ComponentChildren, JSX } from 'preact';
import {
  CameraIcon,
  CameraOffIcon,
  LeaveIcon,
  MicrophoneIcon,
  MutedIcon,
  PeopleIcon,
  SettingsIcon,
  ShareIcon,
  StopShareIcon,
} from './icons.tsx';
import { LevelMeter } from './LevelMeter.tsx';
import type { LevelTap } from './LevelTap.ts';

export type Panel = 'people' | 'settings' | 'statistics';

interface ControlsProps {
  readonly muted: boolean;
  readonly hasMicrophone: boolean;
  readonly tap: LevelTap | undefined;
  /** Undefined in a call without picture. */
  readonly camera: 'on' | 'opening' | 'off' | undefined;
  /** Undefined where there is no picture or the browser cannot share. */
  readonly sharing: boolean | undefined;
  readonly panel: Panel | undefined;
  readonly people: number;
  /** Who waits in the lobby, for hosts. */
  readonly waiting: number;
  readonly onMute: () => void;
  readonly onCamera: () => void;
  readonly onShare: () => void;
  readonly onPanel: (panel: Panel) => void;
  readonly onLeave: () => void;
  /** The layout menu, for hosts. */
  readonly children: ComponentChildren;
}

/** The bar at the bottom, or at the side of a phone that lies. */
export function Controls(props: ControlsProps): JSX.Element {
  const { camera, sharing, panel, people, waiting, onCamera, onShare, onPanel, onLeave, children } = props;
  return (
    <footer class="controls">
      <MuteButton {...props} />
      {camera !== undefined && <CameraButton camera={camera} onCamera={onCamera} />}
      {sharing !== undefined && (
        <button
          type="button"
          class={sharing ? 'control active' : 'control'}
          aria-label={sharing ? 'Stop sharing' : 'Share screen'}
          onClick={onShare}
        >
          {sharing ? <StopShareIcon /> : <ShareIcon />}
          <span aria-hidden="true">
            {sharing ? 'Stop' : 'Share'}
            <span class="where-wide">{sharing ? ' sharing' : ' screen'}</span>
          </span>
        </button>
      )}
      {children}
      {camera !== undefined && (
        <button
          type="button"
          class="control"
          aria-expanded={panel === 'people'}
          aria-controls="people"
          onClick={() => onPanel('people')}
        >
          <PeopleIcon />
          <span>People</span>
          <span class={waiting > 0 ? 'number some-wait' : 'number'} aria-hidden="true">
            {waiting > 0 ? `+${waiting}` : people}
          </span>
        </button>
      )}
      <button
        type="button"
        class="control"
        aria-expanded={panel === 'settings'}
        aria-controls="settings"
        onClick={() => onPanel('settings')}
      >
        <SettingsIcon />
        <span>Settings</span>
      </button>
      <button type="button" class="control leave" onClick={onLeave}>
        <LeaveIcon />
        <span>Leave</span>
      </button>
    </footer>
  );
}

function MuteButton({ hasMicrophone, muted, tap, onMute }: ControlsProps): JSX.Element {
  if (!hasMicrophone) {
    return (
      <p class="control passive">
        <MutedIcon />
        <span>Listening only</span>
      </p>
    );
  }
  return (
    <button
      type="button"
      class={muted ? 'control muted' : 'control'}
      aria-keyshortcuts="M"
      title={muted ? 'Unmute (M)' : 'Mute (M)'}
      onClick={onMute}
    >
      {muted ? <MutedIcon /> : <MicrophoneIcon />}
      <span>{muted ? 'Unmute' : 'Mute'}</span>
      {!muted && <LevelMeter tap={tap} described={false} />}
    </button>
  );
}

const cameraWords = { on: 'Turn camera off', opening: 'Turn camera off', off: 'Turn camera on' } as const;

interface CameraButtonProps {
  readonly camera: keyof typeof cameraWords;
  readonly onCamera: () => void;
}

function CameraButton({ camera, onCamera }: CameraButtonProps): JSX.Element {
  const off = camera === 'off';
  return (
    <button
      type="button"
      class={off ? 'control muted' : 'control'}
      aria-keyshortcuts="V"
      aria-label={cameraWords[camera]}
      title={`${cameraWords[camera]} (V)`}
      onClick={onCamera}
    >
      {off ? <CameraOffIcon /> : <CameraIcon />}
      <span aria-hidden="true">Camera</span>
    </button>
  );
}
