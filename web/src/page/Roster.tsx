import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { sortRoster, type RosterParticipant } from '../protocol/index.ts';
import { colourOf, initialsOf } from './avatar.ts';
import {
  BrowserIcon,
  CameraOffIcon,
  MoreIcon,
  MutedIcon,
  PhoneIcon,
  PinIcon,
  RemoveIcon,
  ShareIcon,
  SpeakerIcon,
  SpotlightIcon,
} from './icons.tsx';

/** What a host may do with somebody. */
export interface HostActions {
  /** Absent in a call without picture. */
  readonly picture: PictureActions | undefined;
  readonly onMute: (participantId: string) => void;
  readonly onRemove: (participantId: string) => void;
}

export interface PictureActions {
  readonly onSpotlight: (participantId: string | undefined) => void;
  readonly onPinned: (participantId: string, pinned: boolean) => void;
}

interface RosterProps {
  readonly participants: readonly RosterParticipant[];
  readonly selfId: string | undefined;
  /** A dense list, for the side panel. */
  readonly dense: boolean;
  readonly actions: HostActions | undefined;
}

/** Everybody in the room. */
export function Roster({ participants, selfId, dense, actions }: RosterProps): JSX.Element {
  return (
    <ul class={`roster ${arrangement(participants.length, dense)}`} aria-label="People in the room">
      {sortRoster(participants, selfId).map((participant) => (
        <Person
          key={participant.id}
          participant={participant}
          self={participant.id === selfId}
          // On oneself there is the picture only.
          actions={participant.id === selfId && actions?.picture === undefined ? undefined : actions}
        />
      ))}
    </ul>
  );
}

/** Even rows for a few, a dense list for many. */
function arrangement(count: number, dense: boolean): string {
  if (dense || count > 12) return 'many';
  const columns = count === 5 || count === 6 || count === 9 ? 3 : 4;
  return `columns-${columns}`;
}

interface PersonProps {
  readonly participant: RosterParticipant;
  readonly self: boolean;
  readonly actions: HostActions | undefined;
}

function Person({ participant, self, actions }: PersonProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const { id, name, kind, speaking, role, label } = participant;
  return (
    <li class={speaking ? 'person speaking' : 'person'}>
      <span class={`avatar colour-${colourOf(name)}`} aria-hidden="true">
        {initialsOf(name)}
      </span>
      <span class="person-words">
        <span class="person-name" title={name}>
          {name}
          {self && <span class="self"> (you)</span>}
        </span>
        {(role === 'host' || label !== undefined) && (
          <span class="person-tags">
            {role === 'host' && <span class="tag host">Host</span>}
            {label !== undefined && <span class="tag">{label}</span>}
          </span>
        )}
      </span>
      <span class="person-facts">
        {kind === 'browser' ? <BrowserIcon /> : <PhoneIcon />}
        <span class="spoken">{kind === 'browser' ? 'in a browser' : 'by phone'}</span>
        <span class="person-kind" aria-hidden="true">
          {kind === 'browser' ? 'Browser' : 'Phone'}
        </span>
        <Badges participant={participant} />
        {actions !== undefined && (
          <button
            type="button"
            class="bare"
            aria-label={`Options for ${name}`}
            aria-expanded={open}
            aria-controls={`options-${id}`}
            onClick={() => setOpen(!open)}
          >
            <MoreIcon />
          </button>
        )}
      </span>
      {actions !== undefined && open && <Options {...{ participant, self, actions }} />}
    </li>
  );
}

function Badges({ participant }: { readonly participant: RosterParticipant }): JSX.Element {
  const { muted, speaking, camera, sharing, pinned, spotlight } = participant;
  return (
    <>
      {spotlight && <Badge words="Spotlight" icon={<SpotlightIcon />} />}
      {pinned && <Badge words="Pinned" icon={<PinIcon />} />}
      {sharing && <Badge words="Shares a screen" icon={<ShareIcon />} />}
      {camera === 'off' && <Badge words="Camera off" icon={<CameraOffIcon />} />}
      {muted && <Badge words="Muted" icon={<MutedIcon />} />}
      {speaking && <Badge words="Speaking" icon={<SpeakerIcon />} kind="talking" />}
    </>
  );
}

interface BadgeProps {
  readonly words: string;
  readonly icon: JSX.Element;
  readonly kind?: 'talking';
}

function Badge({ words, icon, kind }: BadgeProps): JSX.Element {
  return (
    <span class={kind === undefined ? 'badge' : `badge ${kind}`} title={words}>
      {icon}
      <span class="spoken">, {words.toLowerCase()}</span>
    </span>
  );
}

interface OptionsProps {
  readonly participant: RosterParticipant;
  readonly self: boolean;
  readonly actions: HostActions;
}

function Options({ participant, self, actions }: OptionsProps): JSX.Element {
  const { id, muted } = participant;
  const { picture, onMute, onRemove } = actions;
  return (
    <span id={`options-${id}`} class="person-options">
      {picture !== undefined && <PictureOptions participant={participant} actions={picture} />}
      {!self && !muted && (
        <button type="button" class="quiet" onClick={() => onMute(id)}>
          <MutedIcon />
          <span>Mute</span>
        </button>
      )}
      {!self && (
        <button type="button" class="quiet danger" onClick={() => onRemove(id)}>
          <RemoveIcon />
          <span>Remove</span>
        </button>
      )}
    </span>
  );
}

interface PictureOptionsProps {
  readonly participant: RosterParticipant;
  readonly actions: PictureActions;
}

function PictureOptions({ participant, actions }: PictureOptionsProps): JSX.Element {
  const { id, pinned, spotlight } = participant;
  return (
    <>
      <button type="button" class="quiet" onClick={() => actions.onSpotlight(spotlight ? undefined : id)}>
        <SpotlightIcon />
        <span>{spotlight ? 'End spotlight' : 'Spotlight'}</span>
      </button>
      <button type="button" class="quiet" onClick={() => actions.onPinned(id, !pinned)}>
        <PinIcon />
        <span>{pinned ? 'Unpin' : 'Pin'}</span>
      </button>
    </>
  );
}
