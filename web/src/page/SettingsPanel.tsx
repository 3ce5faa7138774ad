import type { JSX } from 'preact';
import { DevicePicker, MicrophonePicker } from './DevicePicker.tsx';
import { StatisticsIcon } from './icons.tsx';
import { LogoutButton } from './LogoutButton.tsx';
import type { Devices } from './useDevices.ts';

interface SettingsPanelProps {
  readonly devices: Devices;
  readonly muted: boolean;
  /** The call has a picture. */
  readonly video: boolean;
  readonly asOthersSee: boolean;
  readonly onAsOthersSee: (on: boolean) => void;
  readonly onStatistics: () => void;
}

export function SettingsPanel(props: SettingsPanelProps): JSX.Element {
  const { devices, muted, video, asOthersSee, onAsOthersSee, onStatistics } = props;
  const { microphone, camera, tap } = devices;
  return (
    <>
      <MicrophonePicker used={microphone} tap={tap} muted={muted} />
      {video && (
        <>
          {camera.state.choices.length > 0 && camera.state.track !== undefined && (
            <div class="field">
              <DevicePicker kind="camera" used={camera} />
            </div>
          )}
          <label class="choice">
            <input
              type="checkbox"
              checked={asOthersSee}
              onChange={(event) => onAsOthersSee(event.currentTarget.checked)}
            />
            <span>
              Show me as others see me
              <small>Not mirrored, and a moment later</small>
            </span>
          </label>
        </>
      )}
      <button type="button" class="quiet wide" onClick={onStatistics}>
        <StatisticsIcon />
        <span>Statistics</span>
      </button>
      <LogoutButton />
    </>
  );
}
