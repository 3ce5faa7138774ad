import {
  Closable,
  errorText,
  termination,
  type LayoutName,
  type Log,
  type Stage,
  type Termination,
  type TerminationCause,
} from '#kernel/index.ts';
import type { MediaLeg, Slate } from '#media/index.ts';
import type { Call, CallOwner, RoomState, RosterEntry, WaitingEntry } from '#signaling/call.ts';
import type { CallObserver } from './CallObserver.ts';
import { isDefect, terminationOf } from './causes.ts';
import type { Entrance } from './Entrance.ts';
import type { HostDesk } from './HostDesk.ts';
import { Keypad } from './Keypad.ts';
import type { LegJournal } from './LegJournal.ts';
import { PageDialogue } from './PageDialogue.ts';
import { ParticipantLeg } from './ParticipantLeg.ts';
import { Reoffers } from './Reoffers.ts';
import type { Prompts } from './prompts/Prompts.ts';
import type { StageControl, StagePerson } from './StageControl.ts';
import type { Visitor } from './Visitor.ts';
import { VoiceDialogue } from './VoiceDialogue.ts';

interface ParticipantOptions {
  readonly participantId: string;
  readonly visitor: Visitor;
  readonly entrance: Entrance;
  readonly journal: LegJournal;
  readonly log: Log;
  readonly roomTitle: string;
  readonly zoneName: string;
  readonly stage: StageControl;
  /** What hosts may do beside what is on stage. */
  readonly desk: HostDesk;
  readonly prompts: Prompts;
  readonly observer: CallObserver;
  /** It is in the room now. */
  readonly onJoined: (participant: Participant) => void;
  /** Something that the roster shows has changed. */
  readonly onChange: () => void;
}

/** One call in one conference: joins what signaling knows of it to its media leg. Closes when the call ends. */
export class Participant extends Closable implements CallOwner, StagePerson {
  readonly participantId: string;
  readonly roomTitle: string;
  readonly zoneName: string;
  readonly visitor: Visitor;
  readonly entrance: Entrance;
  readonly journal: LegJournal;
  readonly #call: Call;
  readonly #log: Log;
  readonly #stage: StageControl;
  readonly #desk: HostDesk;
  readonly #prompts: Prompts;
  readonly #observer: CallObserver;
  readonly #onJoined: (participant: Participant) => void;
  readonly #onChange: () => void;
  readonly #keypad = new Keypad();
  readonly #reoffers: Reoffers;
  readonly #leg: ParticipantLeg;
  /** While a phone is asked by voice. */
  #dialogue: VoiceDialogue | undefined;
  #answered = false;
  #joined = false;
  #reofferAfterJoin = false;
  #speaking = false;
  #termination: Termination | undefined;

  constructor(options: ParticipantOptions) {
    super();
    const { visitor, log, onChange } = options;
    const { call } = visitor;
    this.participantId = options.participantId;
    this.#call = call;
    this.roomTitle = options.roomTitle;
    this.zoneName = options.zoneName;
    this.visitor = visitor;
    this.entrance = options.entrance;
    this.journal = options.journal;
    this.#stage = options.stage;
    this.#desk = options.desk;
    this.#prompts = options.prompts;
    this.#observer = options.observer;
    this.#onJoined = options.onJoined;
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

  get isHost(): boolean {
    return this.entrance.isHost;
  }

  /** `name`: as who reads the roster may know it. */
  rosterEntry(name: string): RosterEntry {
    const { participantId: id, kind, speaking } = this;
    const { cameraState: camera, muted } = this.#leg;
    const role: RosterEntry['role'] = this.isHost ? 'host' : 'guest';
    const { label } = this.entrance;
    const shown = { id, name, kind, muted: muted.value, speaking, camera, role, ...this.#stage.marksOf(id) };
    return label === undefined ? shown : { ...shown, label };
  }

  /** Established, so shown to the others. */
  get joined(): boolean {
    return this.#joined && !this.closed;
  }

  /** Why it ended or did not come in. */
  get cause(): TerminationCause {
    return this.#termination?.cause ?? 'failed';
  }

  get speaking(): boolean {
    return this.#speaking && !this.#leg.muted.value;
  }

  set speaking(speaking: boolean) {
    this.#speaking = speaking;
  }

  /**
   * Comes in by its entrance with the leg that this makes, which is the participant's own: `held` outside of the room, when it is asked
   * by voice. Whatever fails ends the call.
   */
  async join(makeLeg: (held?: Slate) => Promise<MediaLeg>): Promise<void> {
    try {
      const refused = await this.#comeIn(makeLeg);
      if (refused !== undefined) await this.hangup(refused);
    } catch (error) {
      if (isDefect(error)) this.#log.error({ error: errorText(error) }, 'a call could not be set up');
      await this.hangup(this.#call.ended ? termination('cancelled') : terminationOf(error));
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

  /** A sentence for this person alone, on the page; on a phone by voice. */
  async warn(text: string): Promise<void> {
    if (this.#call.ended) return;
    this.#call.showNotice(text);
    await this.#leg.play(this.#prompts.samples('ending-soon'));
  }

  /** Asks the media what it has seen of this leg. Media that does not answer holds up nobody who asks. */
  async observe(): Promise<void> {
    const stats = await this.#leg.stats().catch((error: unknown) => {
      this.#log.debug({ error: errorText(error) }, 'no figures of a leg');
      return undefined;
    });
    if (stats !== undefined) this.visitor.observed(stats);
  }

  showWaiting(waiting: readonly WaitingEntry[]): void {
    if (!this.#call.ended) this.#call.showWaiting(waiting);
  }

  showRoomState(state: RoomState): void {
    if (!this.#call.ended) this.#call.showRoomState(state);
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

  admitWaiting(participantId: string, admit: boolean): void {
    if (this.#mayDirect()) this.#desk.admitWaiting(participantId, admit);
  }

  setLocked(locked: boolean): void {
    if (this.#mayDirect()) this.#desk.setLocked(locked);
  }

  removeParticipant(participantId: string): void {
    if (this.#mayDirect()) this.#desk.removeParticipant(participantId);
  }

  muteParticipant(participantId: string): void {
    if (this.#mayDirect()) this.#desk.muteParticipant(participantId);
  }

  endConference(): void {
    if (this.#mayDirect()) this.#desk.endConference();
  }

  dial(uri: string): void {
    if (this.#mayDirect()) this.#desk.dial(uri, (text) => this.#call.showNotice(text));
  }

  keyFrameWanted(): void {
    this.#leg.requestKeyFrame();
  }

  digit(digit: string): void {
    if (this.#dialogue !== undefined) this.#dialogue.digit(digit);
    else if (this.#keypad.press(digit) === 'toggle-mute') this.setMuted(!this.#leg.muted.value);
  }

  protected async release(reason: string): Promise<void> {
    const { cause = reason, detail } = this.#termination ?? {};
    this.#log.info({ cause }, this.#joined ? 'call ended' : 'call not established');
    // What was found of a caller may name him.
    if (detail !== undefined) this.#log.debug({ detail }, 'why');
    this.#stage.left(this);
    const because = this.#termination ?? termination('server-stopping', reason);
    if (this.#joined) this.#observer.ended(this.#call, because);
    else this.#observer.refused(this.#call, because);
    this.#dialogue?.close();
    await this.journal.end(because);
  }

  /** A refusal, or nothing when it is in the room or has ended. */
  async #comeIn(makeLeg: (held?: Slate) => Promise<MediaLeg>): Promise<Termination | undefined> {
    const { entrance } = this;
    const pass = this.#call.pass?.bind(this.#call);
    const refused = (await entrance.ask()) ?? (pass && (await entrance.pass(new PageDialogue(pass))));
    if (refused !== undefined) return refused;
    await this.journal.start(entrance.decision);
    // Nobody waits for a leg any more.
    if (this.#isOver()) return this.#gaveUp();
    const held = entrance.hasGates ? { lines: [this.roomTitle] } : undefined;
    await this.#makeLeg(() => makeLeg(held));
    await this.#answer();
    const refusedByVoice = held === undefined ? undefined : await this.#passByVoice();
    if (refusedByVoice !== undefined) return refusedByVoice;
    if (!this.#isOver()) this.#enter();
    return undefined;
  }

  async #makeLeg(makeLeg: () => Promise<MediaLeg>): Promise<void> {
    const making = this.#leg.make(makeLeg);
    // A browser says when it has a camera; a phone's is on by itself.
    if (this.kind === 'browser') this.#leg.camera.set(false);
    await making;
  }

  async #gaveUp(): Promise<undefined> {
    this.#termination ??= termination('cancelled');
    await this.close('cancelled');
  }

  async #answer(): Promise<void> {
    if (this.#isOver()) return this.#gaveUp();
    this.#answered = true;
    await this.#call.admit(this.#leg, this);
  }

  /** Its leg is outside of the room until it has passed. */
  async #passByVoice(): Promise<Termination | undefined> {
    if (this.#isOver()) return undefined;
    const dialogue = new VoiceDialogue({ leg: this.#leg, prompts: this.#prompts, title: this.roomTitle });
    this.#dialogue = dialogue;
    try {
      const refused = await this.entrance.pass(dialogue);
      if (refused === undefined) await dialogue.passed();
      return refused;
    } catch (error) {
      // It hung up while it was asked.
      if (this.#isOver()) return undefined;
      throw error;
    } finally {
      dialogue.close();
      this.#dialogue = undefined;
    }
  }

  #enter(): void {
    this.#joined = true;
    const { audio, video } = this.#leg.local;
    const codecs = { codec: audio.codecs[0]?.name, video: video?.codecs[0]?.name };
    this.#log.info({ ...codecs, security: audio.security.kind }, 'admitted');
    this.#observer.admitted(this.#call);
    this.#stage.joined(this);
    this.#onJoined(this);
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
