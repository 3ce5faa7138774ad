import type { Stage } from '#kernel/index.ts';
import type { RoomState, RosterEntry, WaitingEntry } from '../call.ts';
import type { ServerMessage } from './protocol.ts';

/** What goes to everybody in a room is written once, as long as the zone passes the same object. */
const writtenRosters = new WeakMap<readonly RosterEntry[], string>();
const writtenWaiting = new WeakMap<readonly WaitingEntry[], string>();
const writtenRooms = new WeakMap<RoomState, string>();
const writtenStages = { shared: new WeakMap<Stage, string>(), alternate: new WeakMap<Stage, string>() };

export function rosterMessage(participants: readonly RosterEntry[]): string {
  return writeOnce(writtenRosters, participants, () => ({ type: 'roster', participants }));
}

export function waitingMessage(people: readonly WaitingEntry[]): string {
  return writeOnce(writtenWaiting, people, () => ({ type: 'waiting', people }));
}

export function roomMessage(state: RoomState): string {
  const { locked, notice = null } = state;
  return writeOnce(writtenRooms, state, () => ({ type: 'room', locked, notice }));
}

/** Who would fill the shared picture is shown the one without himself. */
export function stageMessage(selfId: string, stage: Stage): string {
  const { layout, tiles, sharer = null, alternateFor } = stage;
  const picture = alternateFor === selfId ? 'alternate' : 'shared';
  return writeOnce(writtenStages[picture], stage, () => ({ type: 'stage', layout, tiles, picture, sharer }));
}

function writeOnce<K extends object>(
  texts: WeakMap<K, string>,
  content: K,
  message: () => ServerMessage,
): string {
  const written = texts.get(content);
  if (written !== undefined) return written;
  const text = JSON.stringify(message());
  texts.set(content, text);
  return text;
}
