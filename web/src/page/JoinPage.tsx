import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { CameraPreview } from './CameraPreview.tsx';
import { DevicePicker, MicrophonePicker } from './DevicePicker.tsx';
import { Frame } from './Frame.tsx';
import { useInitialFocus, type UsedDevice } from './hooks.ts';
import { LockIcon } from './icons.tsx';
import { cleanName } from './link.ts';
import type { Devices } from './useDevices.ts';

interface JoinPageProps {
  readonly room: string;
  readonly name: string;
  readonly devices: Devices;
  /** Joining is under way. */
  readonly busy: boolean;
  readonly onName: (name: string) => void;
  readonly onJoin: (listenOnly: boolean) => void;
}

/** Before the call: who one is, and whether the microphone and the camera work. */
export function JoinPage(props: JoinPageProps): JSX.Element {
  const { room, name, devices, busy, onName, onJoin } = props;
  const { microphone, camera, tap } = devices;
  const [nameMissing, setNameMissing] = useState(false);
  const { status } = microphone.state;
  const join = (listenOnly: boolean): void => {
    if (cleanName(name) === '') setNameMissing(true);
    else onJoin(listenOnly);
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    join(status !== 'ready');
  };
  return (
    <Frame wide>
      <CameraPreview name={name} used={camera} onToggle={devices.toggleCamera} />
      <div>
        <h1>{room}</h1>
        <p class="lead">
          <LockIcon />
          Encrypted between you and {location.hostname}
        </p>
        <form onSubmit={submit} noValidate aria-busy={busy}>
          <NameField
            name={name}
            missing={nameMissing}
            onName={(changed) => {
              setNameMissing(false);
              onName(changed);
            }}
          />
          <MicrophonePicker used={microphone} tap={tap} muted={false} />
          {camera.state.track !== undefined && camera.state.choices.length > 1 && (
            <div class="field">
              <DevicePicker kind="camera" used={camera} />
            </div>
          )}
          <button class="primary wide" disabled={busy || status === 'opening'}>
            {buttonWords(busy, status)}
          </button>
          {status === 'opening' && !busy && (
            <button type="button" class="quiet wide" onClick={() => join(true)}>
              Join to listen only
            </button>
          )}
        </form>
      </div>
    </Frame>
  );
}

function buttonWords(busy: boolean, status: UsedDevice['state']['status']): string {
  if (busy) return 'Joining…';
  if (status === 'opening') return 'Waiting for the microphone…';
  return status === 'ready' ? 'Join' : 'Join to listen only';
}

interface NameFieldProps {
  readonly name: string;
  readonly missing: boolean;
  readonly onName: (name: string) => void;
}

function NameField({ name, missing, onName }: NameFieldProps): JSX.Element {
  const field = useInitialFocus<HTMLInputElement>(name === '');
  return (
    <div class="field">
      <label for="name">Your name</label>
      <input
        id="name"
        value={name}
        maxLength={80}
        ref={field}
        autoComplete="name"
        placeholder="As the others will see it"
        aria-invalid={missing}
        aria-describedby={missing ? 'name-missing' : undefined}
        onInput={(event) => onName(event.currentTarget.value)}
      />
      {missing && (
        <p id="name-missing" class="fault" role="alert">
          Enter your name
        </p>
      )}
    </div>
  );
}
