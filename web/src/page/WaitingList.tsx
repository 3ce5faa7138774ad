import type { JSX } from 'preact';
import type { HostWish, WaitingPerson } from '../protocol/index.ts';
import { BrowserIcon, PhoneIcon } from './icons.tsx';

interface WaitingListProps {
  readonly waiting: readonly WaitingPerson[];
  readonly onWish: (wish: HostWish) => void;
}

/** Who waits in the lobby, who came first on top. */
export function WaitingList({ waiting, onWish }: WaitingListProps): JSX.Element {
  const inOrder = waiting.toSorted((a, b) => a.sinceMs - b.sinceMs);
  const admitAll = (): void => {
    for (const { id } of inOrder) onWish({ type: 'admit', participantId: id, admit: true });
  };
  return (
    <div class="waiting-list">
      <header>
        <h3>Waiting to be let in</h3>
        {waiting.length > 1 && (
          <button type="button" class="quiet" onClick={admitAll}>
            Admit all
          </button>
        )}
      </header>
      <ul aria-label="People in the lobby">
        {inOrder.map((person) => (
          <Waiting key={person.id} person={person} onWish={onWish} />
        ))}
      </ul>
    </div>
  );
}

interface WaitingProps {
  readonly person: WaitingPerson;
  readonly onWish: (wish: HostWish) => void;
}

function Waiting({ person, onWish }: WaitingProps): JSX.Element {
  const { id, name, kind, label, sinceMs } = person;
  const answer = (admit: boolean): void => onWish({ type: 'admit', participantId: id, admit });
  return (
    <li>
      <div class="waiting-person">
        <strong title={name}>{name}</strong>
        <p class="person-tags">
          {kind === 'browser' ? <BrowserIcon /> : <PhoneIcon />}
          <span class="spoken">{kind === 'browser' ? 'in a browser' : 'by phone'}, </span>
          <span>since {timeWords(sinceMs)}</span>
          {label !== undefined && <span class="tag">{label}</span>}
        </p>
      </div>
      <div class="waiting-buttons">
        <button type="button" class="primary" aria-label={`Admit ${name}`} onClick={() => answer(true)}>
          Admit
        </button>
        <button type="button" class="quiet" aria-label={`Refuse ${name}`} onClick={() => answer(false)}>
          Refuse
        </button>
      </div>
    </li>
  );
}

function timeWords(timeMs: number): string {
  return new Date(timeMs).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}
