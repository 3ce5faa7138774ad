import type { JSX } from 'preact';
import type { DeviceState } from './CaptureDevice.ts';
import type { DeviceKind } from './captureProblem.ts';
import type { UsedDevice } from './hooks.ts';
import { MicrophoneIcon, WarningIcon } from './icons.tsx';
import { LevelMeter } from './LevelMeter.tsx';
import type { LevelTap } from './LevelTap.ts';
import { remember } from './preferences.ts';

interface DevicePickerProps {
  readonly kind: DeviceKind;
  readonly used: UsedDevice;
}

const kinds = {
  microphone: { label: 'Microphone', standard: 'The standard microphone', preference: 'microphoneId' },
  camera: { label: 'Camera', standard: 'The standard camera', preference: 'cameraId' },
} as const satisfies Record<DeviceKind, object>;

/** Which microphone or camera. */
export function DevicePicker({ kind, used: { device, state } }: DevicePickerProps): JSX.Element {
  const { label, standard, preference } = kinds[kind];
  const choose = (deviceId: string): void => {
    remember(preference, deviceId);
    device?.choose(deviceId);
  };
  return (
    <>
      <label for={kind}>{label}</label>
      <select
        id={kind}
        disabled={state.choices.length === 0}
        value={state.choices.length === 0 ? '' : state.chosenId}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {state.choices.length === 0 && <option value="">{openingWords(state.status, standard)}</option>}
        {state.choices.map(({ deviceId, label: name }) => (
          <option key={deviceId} value={deviceId} selected={deviceId === state.chosenId}>
            {name}
          </option>
        ))}
      </select>
    </>
  );
}

function openingWords(status: DeviceState['status'], standard: string): string {
  return status === 'opening' ? 'Waiting for your permission…' : standard;
}

interface MicrophonePickerProps {
  readonly used: UsedDevice;
  readonly tap: LevelTap | undefined;
  readonly muted: boolean;
}

/** Which microphone, and whether it works. */
export function MicrophonePicker({ used, tap, muted }: MicrophonePickerProps): JSX.Element {
  const { status, chosenId } = used.state;
  if (status === 'off') {
    return (
      <button type="button" class="quiet wide" onClick={() => void used.device?.open()}>
        <MicrophoneIcon />
        <span>Turn microphone on</span>
      </button>
    );
  }
  return (
    <div class="field">
      {status !== 'failed' && (
        <>
          <DevicePicker kind="microphone" used={used} />
          {muted ? (
            <p class="meter-words">You are muted</p>
          ) : (
            <LevelMeter key={chosenId} tap={tap} described={status === 'ready'} />
          )}
        </>
      )}
      <DeviceProblemNote used={used} />
    </div>
  );
}

interface DeviceProblemNoteProps {
  readonly used: UsedDevice;
  /** What a person may press instead of trying again. */
  readonly children?: JSX.Element;
}

export function DeviceProblemNote({ used, children }: DeviceProblemNoteProps): JSX.Element | null {
  const { problem, status } = used.state;
  if (problem === undefined) return null;
  return (
    <div class="note warning" role="alert">
      <WarningIcon />
      <div>
        <strong>{problem.title}</strong>
        <p>{problem.advice}</p>
        {status === 'failed' && (
          <div class="note-buttons">
            <button type="button" class="quiet" onClick={() => void used.device?.open()}>
              Try again
            </button>
            {children}
          </div>
        )}
      </div>
    </div>
  );
}
