import { randomUUID } from 'node:crypto';
import {
  Closable,
  errorText,
  termination,
  type LayoutName,
  type Log,
  type Stage,
  type Termination,
} from '#kernel/index.ts';
import type { MediaLeg } from '#media/index.ts';
import type { Call, CallOwner, RosterEntry } from '#signaling/call.ts';
import type { CallObserver } from './CallObserver.ts';
import { isDefect, terminationOf } from './causes.ts';
import { Keypad } from './Keypad.ts';
import { ParticipantLeg } from './ParticipantLeg.ts';
import { Reoffers } from './Reoffers.ts';
import type { StageControl, StagePerson } from './StageControl.ts';

interface ParticipantOptions {
  readonly call: Call;
  readonly log: Log;
  readonly roomTitle: string;
  readonly zoneName: string;
  /** May choose the layout and who is on stage. */
  readonly isHost: boolean;
  readonly stage: StageControl;
  readonly observer: CallObserver;
  /** Something that the roster shows has changed. */
  readonly onChange: () => void;
}

/** One call in one conference: joins what signaling knows of it to its media leg. Closes when the call ends. */
export class Participant extends Closable implements CallOwner, StagePerson {
  readonly participantId: string = randomUUID();
  readonly roomTitle: string;
  readonly zoneName: string;
  readonly isHost: boolean;
  readonly #call: Call;
  readonly #log: Log;
  readonly #stage: StageControl;
  readonly #observer: CallObserver;
  readonly #onChange: () => void;
  readonly #keypad = new Keypad();
  readonly #reoffers: Reoffers;
  readonly #leg: ParticipantLeg;
  #answered = false;
  #joined = false;
  #reofferAfterJoin = false;
  #speaking = false;
  #termination: Termination | undefined;

  constructor({ call, log, roomTitle, zoneName, isHost, stage, observer, onChange }: ParticipantOptions) {
    super();
    this.#call = call;
    this.roomTitle = roomTitle;
    this.zoneName = zoneName;
    this.isHost = isHost;
    this.#stage = stage;
    this.#observer = observer;
    this.#onChange = onChange;
    this.#log = log.child({ participant: this.participantId, protocol: call.protocol });
    this.#leg = this.own(new ParticipantLeg(this.#log, onChange));
    this.#reoffers = this.own(
      new Reoffers({
        make: () => this.#reoffer(),
        failed: (error) => this.#notRestored(error),
      }),
    );
  }

  get kind(): RosterEntry['kind'] {
    return this.#call.protocol === 'web' ? 'browser' : 'phone';
  }

  get rosterEntry(): RosterEntry {
    const { participantId: id, kind, speaking } = this;
    const { cameraState: camera, muted } = this.#leg;
    const name = this.#call.displayName;
    return { id, name, kind, muted: muted.value, speaking, camera, ...this.#stage.marksOf(id) };
  }

  /** Established, so shown to the others. */
  get joined(): boolean {
    return this.#joined && !this.closed;
  }

  get speaking(): boolean {
    return this.#speaking && !this.#leg.muted.value;
  }

  set speaking(speaking: boolean) {
    this.#speaking = speaking;
  }

  /** Answers the call with the leg that this makes, which is the participant's own. Whatever fails ends the call. */
  async join(makeLeg: () => Promise<MediaLeg>): Promise<void> {
    try {
      const making = this.#leg.make(makeLeg);
      // A browser says when it has a camera; a phone's is on by itself.
      if (this.kind === 'browser') this.#leg.camera.set(false);
      await making;
      await this.#answer();
    } catch (error) {
      if (isDefect(error)) this.#log.error({ error: errorText(error) }, 'a call could not be set up');
      await this.hangup(terminationOf(error));
    }
  }

  /** Says goodbye to the far end, or no when it was not answered yet, and closes. */
  async hangup(because: Termination): Promise<void> {
    this.#termination ??= because;
    try {
      if (this.#call.ended) return;
      await (this.#answered ? this.#call.hangup(because) : this.#call.refuse(because));
    } finally {
      await this.close(because.cause);
    }
  }

  /** As `hangup`, for those who cannot wait for it. */
  end(because: Termination): void {
    this.hangup(because).catch((error: unknown) => this.#closingFailed(error));
  }

  /** The far end needs a new offer, because it or the media lost its transport. */
  reofferWanted(): void {
    if (this.#joined) this.#reoffers.want();
    else this.#reofferAfterJoin = true;
  }

  /** The far end has no RTCP feedback to be asked by. */
  askForKeyFrame(): void {
    if (this.joined && !this.#call.ended) this.#call.requestKeyFrame?.();
  }

  showRoster(roster: readonly RosterEntry[]): void {
    if (!this.#call.ended) this.#call.showRoster(this.participantId, roster);
  }

  // StagePerson: what the room does.

  showStage(stage: Stage): void {
    if (this.kind === 'browser' && !this.#call.ended) this.#call.showStage(this.participantId, stage);
  }

  share(on: boolean): Promise<void> {
    return this.#leg.setSharing(on);
  }

  stopSharing(): void {
    if (!this.#call.ended) this.#call.stopSharing();
  }

  // CallOwner: what the far end does.

  ended(because: Termination): void {
    this.#termination ??= because;
    this.close(because.cause).catch((error: unknown) => this.#closingFailed(error));
  }

  setMuted(muted: boolean): void {
    if (muted === this.#leg.muted.value || this.closed) return;
    this.#leg.muted.set(muted);
    this.#onChange();
  }

  setCamera(on: boolean): void {
    if (on === this.#leg.camera.value || this.closed) return;
    this.#leg.camera.set(on);
    this.#onChange();
  }

  setSharing(on: boolean): void {
    if (this.#leg.hasScreen && !this.closed) this.#stage.setSharing(this, on);
  }

  setLayout(layout: LayoutName): void {
    if (this.#mayDirect()) this.#stage.setLayout(layout);
  }

  setSpotlight(participantId: string | undefined): void {
    if (this.#mayDirect()) this.#stage.setSpotlight(participantId);
  }

  setPinned(participantId: string, pinned: boolean): void {
    if (this.#mayDirect()) this.#stage.setPinned(participantId, pinned);
  }

  keyFrameWanted(): void {
    this.#leg.requestKeyFrame();
  }

  digit(digit: string): void {
    if (this.#keypad.press(digit) === 'toggle-mute') this.setMuted(!this.#leg.muted.value);
  }

  protected release(reason: string): void {
    const { cause = reason, detail } = this.#termination ?? {};
    this.#log.info({ cause, detail }, this.#joined ? 'call ended' : 'call not established');
    this.#stage.left(this);
    const because = this.#termination ?? termination('server-stopping', reason);
    if (this.#joined) this.#observer.ended(this.#call, because);
    else this.#observer.refused(this.#call, because);
  }

  async #answer(): Promise<void> {
    if (this.#isOver()) {
      this.#termination ??= termination('cancelled');
      return this.close('cancelled');
    }
    this.#answered = true;
    await this.#call.admit(this.#leg, this);
    // It may have ended in the moment when it was established.
    if (this.#isOver()) return;
    this.#joined = true;
    const { audio, video } = this.#leg.local;
    const codecs = { codec: audio.codecs[0]?.name, video: video?.codecs[0]?.name };
    this.#log.info({ ...codecs, security: audio.security.kind }, 'admitted');
    this.#observer.admitted(this.#call);
    this.#stage.joined(this);
    if (this.#reofferAfterJoin) this.#reoffers.want();
  }

  #isOver(): boolean {
    return this.closed || this.#call.ended;
  }

  #mayDirect(): boolean {
    return this.isHost && this.joined;
  }

  async #reoffer(): Promise<void> {
    await this.#leg.reoffer();
    await this.#call.reoffer(this.#leg);
    this.#log.info('media restored');
  }

  #notRestored(error: unknown): void {
    if (this.closed) return;
    this.#log.warn({ error: errorText(error) }, 'media could not be restored');
    this.end(termination('worker-lost'));
  }

  #closingFailed(error: unknown): void {
    this.#log.error({ error: errorText(error) }, 'closing failed');
  }
}
