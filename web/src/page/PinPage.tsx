import type { JSX, TargetedSubmitEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PinPhase } from '../protocol/index.ts';
import { Frame } from './Frame.tsx';
import { useInitialFocus, useSecondsUntil } from './hooks.ts';
import { LockIcon } from './icons.tsx';

interface PinPageProps {
  readonly room: string;
  readonly phase: PinPhase;
  readonly onCode: (code: string) => void;
  readonly onLeave: () => void;
}

/** Asks for the PIN or the one-time code of the room. */
export function PinPage({ room, phase, onCode, onLeave }: PinPageProps): JSX.Element {
  const { wrong, retryAtMs, digits, checking, mayBeGuest } = phase;
  const [fewest, most] = digits;
  const [code, setCode] = useState('');
  const [tooShort, setTooShort] = useState(false);
  const field = useInitialFocus<HTMLInputElement>();
  const seconds = useSecondsUntil(retryAtMs);
  const fault = faultWords({ tooShort, fewest, wrong, checking, seconds });
  useEffect(() => {
    // Another one is wanted.
    if (checking) return;
    setCode('');
    field.current?.focus();
  }, [checking, retryAtMs]);
  const type = (input: HTMLInputElement): void => {
    // People write PINs in groups, and end them with # as on a phone. What was taken out must not stay in sight.
    input.value = input.value.replaceAll(/\D/g, '').slice(0, most);
    setTooShort(false);
    setCode(input.value);
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (checking) return;
    if (code === '' && mayBeGuest) onCode('');
    else if (code.length < fewest) setTooShort(true);
    else if (seconds === 0) onCode(code);
  };
  return (
    <Frame>
      <h1>{room}</h1>
      <p class="lead">
        <LockIcon />
        <label for="code">{mayBeGuest ? 'Hosts enter their PIN' : 'Enter the PIN of this meeting'}</label>
      </p>
      <form onSubmit={submit} noValidate aria-busy={checking}>
        <div class="field">
          <input
            id="code"
            class="code"
            value={code}
            ref={field}
            inputMode="numeric"
            autoComplete="one-time-code"
            readOnly={checking}
            aria-invalid={fault !== undefined}
            aria-describedby="code-fault code-pause"
            onInput={(event) => type(event.currentTarget)}
          />
          <FaultWords fault={fault} seconds={seconds} />
        </div>
        <PinButtons
          checking={checking}
          mayContinue={!checking && seconds === 0}
          onGuest={mayBeGuest ? () => onCode('') : undefined}
          onLeave={onLeave}
        />
      </form>
    </Frame>
  );
}

interface PinButtonsProps {
  readonly checking: boolean;
  readonly mayContinue: boolean;
  /** Where only hosts have a PIN. */
  readonly onGuest: (() => void) | undefined;
  readonly onLeave: () => void;
}

function PinButtons({ checking, mayContinue, onGuest, onLeave }: PinButtonsProps): JSX.Element {
  return (
    <>
      <button class="primary wide" disabled={!mayContinue}>
        {checking ? 'Checking…' : 'Continue'}
      </button>
      {onGuest !== undefined && (
        <button type="button" class="quiet wide" disabled={checking} onClick={onGuest}>
          Join as a guest, without a PIN
        </button>
      )}
      <button type="button" class="quiet wide" onClick={onLeave}>
        Leave
      </button>
    </>
  );
}

interface FaultWordsProps {
  readonly fault: string | undefined;
  readonly seconds: number;
}

/** There before there is a fault, or a screen reader would not tell of it. */
function FaultWords({ fault, seconds }: FaultWordsProps): JSX.Element {
  return (
    <>
      <p id="code-fault" class="fault" role="alert">
        {fault}
      </p>
      <p id="code-pause" class="quiet-words">
        {seconds > 0 && `You can try again in ${seconds} s`}
      </p>
    </>
  );
}

interface Fault {
  readonly tooShort: boolean;
  readonly fewest: number;
  readonly wrong: boolean;
  readonly checking: boolean;
  readonly seconds: number;
}

function faultWords({ tooShort, fewest, wrong, checking, seconds }: Fault): string | undefined {
  if (tooShort) return `It has ${fewest} digits or more`;
  if (checking) return undefined;
  if (wrong) return 'That PIN was not right';
  return seconds > 0 ? 'There were too many wrong PINs from your network' : undefined;
}
