import type { JSX } from 'preact';
import type { UsedMicrophone } from './hooks.ts';
import { WarningIcon } from './icons.tsx';
import { LevelMeter } from './LevelMeter.tsx';
import type { MicrophoneState } from './Microphone.ts';
import { rememberMicrophone } from './preferences.ts';

interface MicrophonePickerProps {
  readonly used: UsedMicrophone;
  readonly muted: boolean;
}

/** Which microphone, and whether it works. */
export function MicrophonePicker({ used, muted }: MicrophonePickerProps): JSX.Element {
  const { microphone, state } = used;
  const choose = (deviceId: string): void => {
    rememberMicrophone(deviceId);
    microphone?.choose(deviceId);
  };
  return (
    <div class="field">
      {state.status !== 'failed' && (
        <>
          <label for="microphone">Microphone</label>
          <select
            id="microphone"
            disabled={state.choices.length === 0}
            value={state.chosenId}
            onChange={(event) => choose(event.currentTarget.value)}
          >
            {state.choices.length === 0 && <option>{openingWords(state.status)}</option>}
            {state.choices.map(({ deviceId, label }) => (
              <option key={deviceId} value={deviceId} selected={deviceId === state.chosenId}>
                {label}
              </option>
            ))}
          </select>
          {muted ? (
            <p class="meter-words">You are muted</p>
          ) : (
            <LevelMeter key={state.chosenId} microphone={microphone} described={state.status === 'ready'} />
          )}
        </>
      )}
      <MicrophoneProblemNote used={used} />
    </div>
  );
}

function openingWords(status: MicrophoneState['status']): string {
  return status === 'ready' ? 'The standard microphone' : 'Waiting for your permission…';
}

export function MicrophoneProblemNote({ used }: { readonly used: UsedMicrophone }): JSX.Element | null {
  const { problem, status } = used.state;
  if (problem === undefined) return null;
  return (
    <div class="note warning" role="alert">
      <WarningIcon />
      <div>
        <strong>{problem.title}</strong>
        <p>{problem.advice}</p>
        {status === 'failed' && (
          <button type="button" class="quiet" onClick={() => void used.microphone?.open()}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}
