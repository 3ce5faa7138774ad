import type { JSX } from 'preact';
import { waitingWords, type CallState, type RoomCall } from '../protocol/index.ts';
import { PeopleIcon, WarningIcon } from './icons.tsx';

interface RoomNoticesProps {
  readonly call: RoomCall;
  readonly state: CallState;
  /** Opens the list of who waits; undefined when it is in sight already. */
  readonly showDesk: (() => void) | undefined;
}

/** What the room says to everybody or to this person, and to hosts that somebody waits. */
export function RoomNotices({ call, state, showDesk }: RoomNoticesProps): JSX.Element {
  const { roomNotice, notices, waiting, host } = state;
  return (
    <>
      {roomNotice !== undefined && (
        <div class="note warning" role="alert">
          <WarningIcon />
          <p>{roomNotice}</p>
        </div>
      )}
      {notices.map(({ id, text }) => (
        <div key={id} class="note told" role="alert">
          <p>{text}</p>
          <button type="button" class="quiet" onClick={() => call.dismissNotice(id)}>
            Close
          </button>
        </div>
      ))}
      {host && waiting.length > 0 && showDesk !== undefined && (
        <div class="note told" role="alert">
          <PeopleIcon />
          <p>{waitingWords(waiting)}</p>
          <button type="button" class="quiet" onClick={showDesk}>
            Show
          </button>
        </div>
      )}
    </>
  );
}
