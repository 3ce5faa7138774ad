import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { CallState, HostWish } from '../protocol/index.ts';
import { MutedIcon, PhonePlusIcon } from './icons.tsx';
import { readSipAddress } from './sipAddress.ts';

interface HostDeskProps {
  readonly state: CallState;
  readonly onWish: (wish: HostWish) => void;
}

/** What a host does with the room and not with its picture. */
export function HostDesk({ state, onWish }: HostDeskProps): JSX.Element {
  return (
    <section class="host-desk" aria-label="Host controls">
      <label class="choice">
        <input
          type="checkbox"
          checked={state.locked}
          onChange={(event) => onWish({ type: 'lock', locked: event.currentTarget.checked })}
        />
        <span>
          Lock the meeting
          <small>Nobody else comes in unless a host lets them in</small>
        </span>
      </label>
      <MuteAll state={state} onWish={onWish} />
      <DialForm onDial={(uri) => onWish({ type: 'dial', uri })} />
      <EndMeeting onEnd={() => onWish({ type: 'end-conference' })} />
    </section>
  );
}

/** Those who are muted already are left alone. */
function MuteAll({ state, onWish }: HostDeskProps): JSX.Element {
  const { participants, selfId } = state;
  const heard = participants.filter(({ id, muted }) => id !== selfId && !muted);
  const muteAll = (): void => {
    for (const { id } of heard) onWish({ type: 'mute-other', participantId: id });
  };
  return (
    <button type="button" class="quiet wide" disabled={heard.length === 0} onClick={muteAll}>
      <MutedIcon />
      <span>Mute everybody else</span>
    </button>
  );
}

function DialForm({ onDial }: { readonly onDial: (uri: string) => void }): JSX.Element {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const [called, setCalled] = useState('');
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const uri = readSipAddress(text);
    if (uri === undefined) return setWrong(true);
    onDial(uri);
    setCalled(uri);
    setText('');
  };
  return (
    <form class="dial" onSubmit={submit} noValidate>
      <label for="dial">Call somebody in</label>
      <div class="dial-row">
        <input
          id="dial"
          value={text}
          placeholder="sip:room@example.org"
          inputMode="email"
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          maxLength={256}
          aria-invalid={wrong}
          aria-describedby="dial-words"
          onInput={(event) => {
            setText(event.currentTarget.value);
            setWrong(false);
          }}
        />
        <button class="quiet">
          <PhonePlusIcon />
          <span>Call</span>
        </button>
      </div>
      <p id="dial-words" class={wrong ? 'fault' : 'quiet-words'} role="status">
        {wrong && 'Enter a SIP address, such as sip:room@example.org'}
        {!wrong && called !== '' && text === '' && `Calling ${called}. It joins when it answers.`}
      </p>
    </form>
  );
}

/** Twice to be pressed, for it cannot be taken back. */
function EndMeeting({ onEnd }: { readonly onEnd: () => void }): JSX.Element {
  const [asking, setAsking] = useState(false);
  if (!asking)
    return (
      <button type="button" class="quiet danger wide" onClick={() => setAsking(true)}>
        End the meeting for all…
      </button>
    );
  return (
    <div class="end-meeting" role="group" aria-label="End the meeting">
      <p role="alert">Everybody will be disconnected.</p>
      <div class="note-buttons">
        <button type="button" class="danger" onClick={onEnd}>
          End for all
        </button>
        <button type="button" class="quiet" onClick={() => setAsking(false)}>
          Cancel
        </button>
      </div>
    </div>
  );
}
