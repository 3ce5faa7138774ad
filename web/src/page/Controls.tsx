import type { ComponentChildren, JSX } from 'preact';
import { LeaveIcon, MicrophoneIcon, MutedIcon, SettingsIcon } from './icons.tsx';
import { LevelMeter } from './LevelMeter.tsx';
import type { Microphone } from './Microphone.ts';

interface ControlsProps {
  readonly muted: boolean;
  readonly hasMicrophone: boolean;
  readonly microphone: Microphone | undefined;
  readonly settingsOpen: boolean;
  readonly onMute: () => void;
  readonly onSettings: () => void;
  readonly onLeave: () => void;
  /** The settings, when they are open. */
  readonly children: ComponentChildren;
}

/** The bar at the bottom. */
export function Controls(props: ControlsProps): JSX.Element {
  const { muted, hasMicrophone, microphone, settingsOpen, onMute, onSettings, onLeave, children } = props;
  return (
    <footer class="controls">
      <div id="settings" class="settings" hidden={!settingsOpen}>
        {children}
      </div>
      <div class="buttons">
        {hasMicrophone ? (
          <button
            type="button"
            class={muted ? 'control muted' : 'control'}
            aria-keyshortcuts="M"
            title={muted ? 'Unmute (M)' : 'Mute (M)'}
            onClick={onMute}
          >
            {muted ? <MutedIcon /> : <MicrophoneIcon />}
            <span>{muted ? 'Unmute' : 'Mute'}</span>
            {!muted && <LevelMeter microphone={microphone} described={false} />}
          </button>
        ) : (
          <p class="control passive">
            <MutedIcon />
            <span>Listening only</span>
          </p>
        )}
        <button
          type="button"
          class="control"
          aria-expanded={settingsOpen}
          aria-controls="settings"
          onClick={onSettings}
        >
          <SettingsIcon />
          <span>Microphone</span>
        </button>
        <button type="button" class="control leave" onClick={onLeave}>
          <LeaveIcon />
          <span>Leave</span>
        </button>
      </div>
    </footer>
  );
}
