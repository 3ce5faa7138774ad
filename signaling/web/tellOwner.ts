import type { CallOwner } from '../call.ts';
import type { ClientMessage } from './protocol.ts';

/** What somebody does to the room, and not to his own call alone. */
export type RoomMessage = Exclude<
  ClientMessage,
  { type: 'join' | 'leave' | 'answer' | 'reoffer' | 'mute' | 'camera' | 'code' }
>;

/** Who is no host gets nothing done with most of these; the zone sees to that. */
export function tellOwner(owner: CallOwner, message: RoomMessage): void {
  switch (message.type) {
    case 'share':
      return owner.setSharing(message.on);
    case 'layout':
      return owner.setLayout(message.layout);
    case 'spotlight':
      return owner.setSpotlight(message.participantId ?? undefined);
    case 'pin':
      return owner.setPinned(message.participantId, message.pinned);
    case 'admit':
      return owner.admitWaiting(message.participantId, message.admit);
    case 'lock':
      return owner.setLocked(message.locked);
    case 'remove':
      return owner.removeParticipant(message.participantId);
    case 'mute-other':
      return owner.muteParticipant(message.participantId);
    case 'end-conference':
      return owner.endConference();
    case 'dial':
      return owner.dial(message.uri);
  }
}
