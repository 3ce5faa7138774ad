import type { Stage } from '#kernel/index.ts';
import type { Call, RoomState, RosterEntry, WaitingEntry } from '#signaling/call.ts';

/** What one far end is shown of the room. Nothing happens once its call has ended. */
export class FarEndView {
  readonly #call: Call;
  readonly #participantId: string;

  constructor(call: Call, participantId: string) {
    this.#call = call;
    this.#participantId = participantId;
  }

  showRoster(roster: readonly RosterEntry[]): void {
    if (!this.#call.ended) this.#call.showRoster(this.#participantId, roster);
  }

  /** A phone's picture covers nothing of it. */
  showStage(stage: Stage): void {
    const { ended, protocol } = this.#call;
    if (protocol === 'web' && !ended) this.#call.showStage(this.#participantId, stage);
  }

  showWaiting(waiting: readonly WaitingEntry[]): void {
    if (!this.#call.ended) this.#call.showWaiting(waiting);
  }

  showRoomState(state: RoomState): void {
    if (!this.#call.ended) this.#call.showRoomState(state);
  }

  showRole(isHost: boolean): void {
    if (!this.#call.ended) this.#call.showRole(isHost);
  }

  showMuted(): void {
    if (!this.#call.ended) this.#call.showMuted();
  }

  showNotice(text: string): void {
    if (!this.#call.ended) this.#call.showNotice(text);
  }

  stopSharing(): void {
    if (!this.#call.ended) this.#call.stopSharing();
  }

  /** The far end has no RTCP feedback to be asked by. */
  askForKeyFrame(): void {
    if (!this.#call.ended) this.#call.requestKeyFrame?.();
  }
}
