import type { LayoutName, Termination } from '#kernel/index.ts';
import type { CallOwner } from '#signaling/call.ts';
import type { HostDesk } from './HostDesk.ts';
import { Keypad } from './Keypad.ts';
import type { Participant } from './Participant.ts';
import type { ParticipantLeg } from './ParticipantLeg.ts';
import type { StageControl } from './StageControl.ts';

interface FarEndWishesOptions {
  readonly participant: Participant;
  readonly leg: ParticipantLeg;
  readonly stage: StageControl;
  /** What hosts may do beside what is on stage. */
  readonly desk: HostDesk;
  /** Something that the roster shows has changed. */
  readonly onChange: () => void;
}

/** What the far end of one participant wishes, by its page or by its keys. What is for hosts does nothing for anybody else. */
export class FarEndWishes implements CallOwner {
  readonly #participant: Participant;
  readonly #leg: ParticipantLeg;
  readonly #stage: StageControl;
  readonly #desk: HostDesk;
  readonly #onChange: () => void;
  readonly #keypad = new Keypad();

  constructor({ participant, leg, stage, desk, onChange }: FarEndWishesOptions) {
    this.#participant = participant;
    this.#leg = leg;
    this.#stage = stage;
    this.#desk = desk;
    this.#onChange = onChange;
  }

  get participantId(): string {
    return this.#participant.participantId;
  }

  get roomTitle(): string {
    return this.#participant.roomTitle;
  }

  get zoneName(): string {
    return this.#participant.zoneName;
  }

  get isHost(): boolean {
    return this.#participant.isHost;
  }

  ended(because: Termination): void {
    this.#participant.ended(because);
  }

  setMuted(muted: boolean): void {
    if (muted === this.#leg.muted.value || this.#participant.closed) return;
    this.#leg.muted.set(muted);
    this.#onChange();
  }

  setCamera(on: boolean): void {
    if (on === this.#leg.camera.value || this.#participant.closed) return;
    this.#leg.camera.set(on);
    this.#onChange();
  }

  setSharing(on: boolean): void {
    if (this.#leg.hasScreen && !this.#participant.closed) this.#stage.setSharing(this.#participant, on);
  }

  setLayout(layout: LayoutName): void {
    if (this.#mayDirect) this.#stage.setLayout(layout);
  }

  setSpotlight(participantId: string | undefined): void {
    if (this.#mayDirect) this.#stage.setSpotlight(participantId);
  }

  setPinned(participantId: string, pinned: boolean): void {
    if (this.#mayDirect) this.#stage.setPinned(participantId, pinned);
  }

  admitWaiting(participantId: string, admit: boolean): void {
    if (this.#mayDirect) this.#desk.admitWaiting(participantId, admit);
  }

  setLocked(locked: boolean): void {
    if (this.#mayDirect) this.#desk.setLocked(locked);
  }

  removeParticipant(participantId: string): void {
    if (this.#mayDirect) this.#desk.removeParticipant(participantId);
  }

  muteParticipant(participantId: string): void {
    if (this.#mayDirect) this.#desk.muteParticipant(participantId);
  }

  endConference(): void {
    if (this.#mayDirect) this.#desk.endConference();
  }

  dial(uri: string): void {
    const { view } = this.#participant;
    if (this.#mayDirect) this.#desk.dial(uri, (text) => view.showNotice(text));
  }

  keyFrameWanted(): void {
    this.#leg.requestKeyFrame();
  }

  reofferWanted(): void {
    this.#participant.reofferWanted();
  }

  digit(digit: string): void {
    if (this.#participant.voice.digit(digit)) return;
    const command = this.#keypad.press(digit);
    if (command === 'toggle-mute') this.setMuted(!this.#leg.muted.value);
    else if (command === 'admit-all' && this.#mayDirect) this.#desk.admitAll();
  }

  get #mayDirect(): boolean {
    return this.isHost && this.#participant.joined;
  }
}
