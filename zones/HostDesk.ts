/** What a host may do to a room beside its picture. Nothing happens for somebody who is not here. */
export interface HostDesk {
  admitWaiting(participantId: string, admit: boolean): void;
  /** Everybody who waits. */
  admitAll(): void;
  setLocked(locked: boolean): void;
  removeParticipant(participantId: string): void;
  muteParticipant(participantId: string): void;
  endConference(): void;
  /** Calls somebody into the room; `tell` is told what becomes of it. */
  dial(uri: string, tell: (text: string) => void): void;
}
