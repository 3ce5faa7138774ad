import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { Frame } from './Frame.tsx';
import { useInitialFocus, useTitle } from './hooks.ts';
import { readRoomName, type PageLink } from './link.ts';
import { LoginProblemNote } from './LoginProblemNote.tsx';

interface HomePageProps {
  readonly invalid: boolean;
  readonly loginProblem: PageLink['loginProblem'];
}

/** The start page: asks for the room. */
export function HomePage({ invalid, loginProblem }: HomePageProps): JSX.Element {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(invalid);
  const field = useInitialFocus<HTMLInputElement>();
  useTitle('Join a meeting – zonebridge');
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const room = readRoomName(text);
    if (room === undefined) setWrong(true);
    else location.assign(`/${encodeURIComponent(room)}`);
  };
  return (
    <Frame>
      <h1>Join a meeting</h1>
      <p class="lead">Enter the name of the room. It is the last part of the link that you were given.</p>
      <LoginProblemNote problem={loginProblem} />
      <form onSubmit={submit} noValidate>
        <div class="field">
          <label for="room">Room</label>
          <input
            id="room"
            value={text}
            ref={field}
            autoComplete="off"
            autoCapitalize="none"
            spellcheck={false}
            aria-invalid={wrong}
            aria-describedby={wrong ? 'room-wrong' : undefined}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setWrong(false);
            }}
          />
          {wrong && (
            <p id="room-wrong" class="fault" role="alert">
              {text.trim() === '' && !invalid
                ? 'Enter the name of the room'
                : 'A room’s name has letters a to z, digits, dots and dashes only'}
            </p>
          )}
        </div>
        <button class="primary wide">Continue</button>
      </form>
    </Frame>
  );
}
