import type { JSX } from 'preact';
import { sortRoster, type RosterParticipant } from '../protocol/index.ts';
import { colourOf, initialsOf } from './avatar.ts';
import { BrowserIcon, MutedIcon, PhoneIcon, SpeakerIcon } from './icons.tsx';

interface RosterProps {
  readonly participants: readonly RosterParticipant[];
  readonly selfId: string | undefined;
}

/** Everybody in the room. */
export function Roster({ participants, selfId }: RosterProps): JSX.Element {
  return (
    <ul class={`roster ${arrangement(participants.length)}`} aria-label="People in the room">
      {sortRoster(participants, selfId).map((participant) => (
        <Person key={participant.id} participant={participant} self={participant.id === selfId} />
      ))}
    </ul>
  );
}

/** Even rows for a few, a dense list for many. */
function arrangement(count: number): string {
  if (count > 12) return 'many';
  const columns = count === 5 || count === 6 || count === 9 ? 3 : 4;
  return `columns-${columns}`;
}

interface PersonProps {
  readonly participant: RosterParticipant;
  readonly self: boolean;
}

function Person({ participant, self }: PersonProps): JSX.Element {
  const { name, kind, muted, speaking } = participant;
  return (
    <li class={speaking ? 'person speaking' : 'person'}>
      <span class={`avatar colour-${colourOf(name)}`} aria-hidden="true">
        {initialsOf(name)}
      </span>
      <span class="person-name" title={name}>
        {name}
        {self && <span class="self"> (you)</span>}
      </span>
      <span class="person-facts">
        {kind === 'browser' ? <BrowserIcon /> : <PhoneIcon />}
        <span class="spoken">{kind === 'browser' ? 'in a browser' : 'by phone'}</span>
        <span class="person-kind" aria-hidden="true">
          {kind === 'browser' ? 'Browser' : 'Phone'}
        </span>
        {muted && (
          <span class="badge" title="Muted">
            <MutedIcon />
            <span class="spoken">, muted</span>
          </span>
        )}
        {speaking && (
          <span class="badge talking" title="Speaking">
            <SpeakerIcon />
            <span class="spoken">, speaking</span>
          </span>
        )}
      </span>
    </li>
  );
}
