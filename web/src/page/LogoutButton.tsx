import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { isLoggedIn, logOut } from './logout.ts';

/** For who is logged in; nothing for anybody else. */
export function LogoutButton(): JSX.Element | null {
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  if (!isLoggedIn()) return null;
  const press = async (): Promise<void> => {
    setState('busy');
    if (!(await logOut())) setState('failed');
  };
  return (
    <span class="logout">
      <button type="button" class="quiet" disabled={state === 'busy'} onClick={() => void press()}>
        Log out
      </button>
      <span role="alert">{state === 'failed' && 'That did not work. Try again'}</span>
    </span>
  );
}
