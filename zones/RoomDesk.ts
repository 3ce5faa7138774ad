import { termination, type Termination } from '#kernel/index.ts';
import type { HostDesk } from './HostDesk.ts';
import type { Meeting } from './Meeting.ts';
import type { OutgoingCalls } from './OutgoingCalls.ts';
import type { Participant } from './Participant.ts';

interface RoomDeskOptions {
  readonly meeting: Meeting;
  readonly outgoing: OutgoingCalls;
  readonly participant: (id: string) => Participant | undefined;
  /** Ends every call of the room. */
  readonly end: (because: Termination) => Promise<void>;
}

/** What hosts wish of one conference, done. */
export class RoomDesk implements HostDesk {
  readonly #options: RoomDeskOptions;

  constructor(options: RoomDeskOptions) {
    this.#options = options;
  }

  admitWaiting(participantId: string, admit: boolean): void {
    this.#options.meeting.admit(participantId, admit);
  }

  admitAll(): void {
    this.#options.meeting.admitAll();
  }

  setLocked(locked: boolean): void {
    this.#options.meeting.setLocked(locked);
  }

  removeParticipant(participantId: string): void {
    this.#options.participant(participantId)?.end(termination('removed'));
  }

  muteParticipant(participantId: string): void {
    this.#options.participant(participantId)?.muteByHost();
  }

  endConference(): void {
    void this.#options.end(termination('conference-ended', 'a host ended it'));
  }

  dial(uri: string, tell: (text: string) => void): void {
    this.#options.outgoing.dial(uri, tell);
  }
}
