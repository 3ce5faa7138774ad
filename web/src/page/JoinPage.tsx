import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { Frame } from './Frame.tsx';
import { useInitialFocus, type UsedMicrophone } from './hooks.ts';
import { LockIcon } from './icons.tsx';
import { cleanName } from './link.ts';
import { MicrophonePicker } from './MicrophonePicker.tsx';

interface JoinPageProps {
  readonly room: string;
  readonly name: string;
  readonly used: UsedMicrophone;
  /** Joining is under way. */
  readonly busy: boolean;
  readonly onName: (name: string) => void;
  readonly onJoin: (listenOnly: boolean) => void;
}

/** Before the call: who one is, and whether the microphone works. */
export function JoinPage({ room, name, used, busy, onName, onJoin }: JoinPageProps): JSX.Element {
  const [nameMissing, setNameMissing] = useState(false);
  const ready = used.state.status === 'ready';
  const join = (listenOnly: boolean): void => {
    if (cleanName(name) === '') setNameMissing(true);
    else onJoin(listenOnly);
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    join(!ready);
  };
  return (
    <Frame>
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
        <MicrophonePicker used={used} muted={false} />
        <button class="primary wide" disabled={busy || used.state.status === 'opening'}>
          {buttonWords(busy, used)}
        </button>
        {used.state.status === 'opening' && !busy && (
          <button type="button" class="quiet wide" onClick={() => join(true)}>
            Join to listen only
          </button>
        )}
      </form>
    </Frame>
  );
}

function buttonWords(busy: boolean, { state: { status } }: UsedMicrophone): string {
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
