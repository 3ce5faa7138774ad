import {
  Closable,
  errorText,
  termination,
  type Log,
  type Stage,
  type Termination,
  type TerminationCause,
} from '#kernel/index.ts';
import type { MediaLeg, Slate } from '#media/index.ts';
import type { Call, RosterEntry } from '#signaling/call.ts';
import type { CallObserver } from './CallObserver.ts';
import { isDefect, terminationOf } from './causes.ts';
import type { Entrance } from './Entrance.ts';
import { FarEndView } from './FarEndView.ts';
import { FarEndWishes } from './FarEndWishes.ts';
import type { HostDesk } from './HostDesk.ts';
import type { LegJournal } from './LegJournal.ts';
import { PageDialogue } from './PageDialogue.ts';
import { ParticipantLeg } from './ParticipantLeg.ts';
import { PhoneVoice } from './PhoneVoice.ts';
import { Reoffers } from './Reoffers.ts';
import type { Prompts } from './prompts/Prompts.ts';
import type { StageControl, StagePerson } from './StageControl.ts';
import type { Visitor } from './Visitor.ts';

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
  /** Asked once it has shown all that it must; a refusal, or nothing when there is a place, which it then has. */
  readonly takePlace: (participant: Participant) => Termination | undefined;
  /** It is asked by voice, outside of the room. */
  readonly onHeld: (participant: Participant) => void;
  /** It is in the room now. */
  readonly onJoined: (participant: Participant) => void;
  /** Something that the roster shows has changed. */
  readonly onChange: () => void;
}

/** One call in one conference: joins what signaling knows of it to its media leg. Closes when the call ends. */
export class Participant extends Closable implements StagePerson {
  readonly participantId: string;
  readonly roomTitle: string;
  readonly zoneName: string;
  readonly visitor: Visitor;
  readonly entrance: Entrance;
  readonly journal: LegJournal;
  readonly view: FarEndView;
  readonly voice: PhoneVoice;
  readonly wishes: FarEndWishes;
  readonly #options: ParticipantOptions;
  readonly #call: Call;
  readonly #log: Log;
  readonly #reoffers: Reoffers;
  readonly #leg: ParticipantLeg;
  #answered = false;
  #joined = false;
  #reofferAfterJoin = false;
  #speaking = false;
  #droppingVideo = false;
  #termination: Termination | undefined;

  constructor(options: ParticipantOptions) {
    super();
    const { participantId, visitor, log, stage, desk, prompts, roomTitle, onChange } = options;
    const { call } = visitor;
    this.#options = options;
    this.participantId = participantId;
    this.#call = call;
    this.roomTitle = roomTitle;
    this.zoneName = options.zoneName;
    this.visitor = visitor;
    this.entrance = options.entrance;
    this.journal = options.journal;
    this.#log = log.child({ participant: participantId, protocol: call.protocol });
    const leg = this.own(new ParticipantLeg(this.#log, onChange));
    this.#leg = leg;
    const isPhone = this.kind === 'phone';
    const isOver = (): boolean => this.#isOver();
    this.view = new FarEndView(call, participantId);
    this.voice = new PhoneVoice({ leg, prompts, roomTitle, isPhone, isOver });
    this.wishes = new FarEndWishes({ participant: this, leg, stage, desk, onChange });
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

  /** It is here by sound alone from now on; once. */
  dropVideo(): void {
    if (this.#droppingVideo) return;
    this.#droppingVideo = true;
    const hadVideo = this.#leg.local.video !== undefined;
    this.#log.info('audio only from now on, as policy says');
    this.#leg.dropVideo().then(
      () => {
        if (hadVideo) this.reofferWanted();
      },
      // Nothing else keeps it from being seen.
      (error: unknown) => this.#notRestored(error),
    );
  }

  /** `tile` is written on its tile. */
  async relabel(tile: string): Promise<void> {
    await this.#leg.relabel(tile);
  }

  /** `name`: as who reads the roster may know it. */
  rosterEntry(name: string): RosterEntry {
    const { participantId: id, kind, speaking } = this;
    const { cameraState: camera, muted } = this.#leg;
    const role: RosterEntry['role'] = this.isHost ? 'host' : 'guest';
    const { label } = this.entrance;
    const marks = this.#options.stage.marksOf(id);
    const shown = { id, name, kind, muted: muted.value, speaking, camera, role, ...marks };
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

  /** As `hangup`, after a word to who has nothing to read it by. */
  async takeLeave(because: Termination): Promise<void> {
    if (this.joined) await this.voice.goodbye();
    await this.hangup(because);
  }

  /** As `hangup`, for those who cannot wait for it. */
  end(because: Termination): void {
    this.hangup(because).catch((error: unknown) => this.#closingFailed(error));
  }

  /** The far end has ended the call. */
  ended(because: Termination): void {
    this.#termination ??= because;
    this.close(because.cause).catch((error: unknown) => this.#closingFailed(error));
  }

  /** A host's word. It may be heard again by its own. */
  muteByHost(): void {
    if (this.#leg.muted.value || this.closed) return;
    this.wishes.setMuted(true);
    this.view.showMuted();
  }

  /** The far end needs a new offer, because it or the media lost its transport. */
  reofferWanted(): void {
    if (this.#joined) this.#reoffers.want();
    else this.#reofferAfterJoin = true;
  }

  /** A sentence for this person alone, on the page; on a phone by voice. */
  async warn(text: string): Promise<void> {
    if (this.#call.ended) return;
    this.view.showNotice(text);
    await this.voice.warn();
  }

  /** Asks the media what it has seen of this leg. Media that does not answer holds up nobody who asks. */
  async observe(): Promise<void> {
    const stats = await this.#leg.stats().catch((error: unknown) => {
      this.#log.debug({ error: errorText(error) }, 'no figures of a leg');
      return undefined;
    });
    if (stats !== undefined) this.visitor.observed(stats);
  }

  // StagePerson: what the room does.

  showStage(stage: Stage): void {
    this.view.showStage(stage);
  }

  share(on: boolean): Promise<void> {
    return this.#leg.setSharing(on);
  }

  stopSharing(): void {
    this.view.stopSharing();
  }

  protected async release(reason: string): Promise<void> {
    const { cause = reason, detail } = this.#termination ?? {};
    this.#log.info({ cause }, this.#joined ? 'call ended' : 'call not established');
    // What was found of a caller may name him.
    if (detail !== undefined) this.#log.debug({ detail }, 'why');
    const { stage, observer } = this.#options;
    stage.left(this);
    const because = this.#termination ?? termination('server-stopping', reason);
    if (this.#joined) observer.ended(this.#call, because);
    else observer.refused(this.#call, because);
    this.voice.close();
    await this.journal.end(because);
  }

  /** A refusal, or nothing when it is in the room or has ended. */
  async #comeIn(makeLeg: (held?: Slate) => Promise<MediaLeg>): Promise<Termination | undefined> {
    const { entrance } = this;
    const pass = this.#call.pass?.bind(this.#call);
    const refused = (await entrance.ask()) ?? (pass && (await entrance.pass(new PageDialogue(pass))));
    if (refused !== undefined) return refused;
    const held = entrance.hasGates ? { lines: [this.roomTitle] } : undefined;
    const full = held === undefined ? this.#options.takePlace(this) : undefined;
    if (full !== undefined) return full;
    if (held !== undefined) this.#options.onHeld(this);
    await this.journal.start(entrance.decision);
    // Nobody waits for a leg any more.
    if (this.#isOver()) return this.#gaveUp();
    await this.#makeLeg(() => makeLeg(held));
    await this.#answer();
    const refusedByVoice = held === undefined ? undefined : await this.voice.pass(entrance);
    if (refusedByVoice !== undefined) return refusedByVoice;
    if (this.#isOver()) return undefined;
    const refusedAtLast =
      entrance.refusedAtLast() ?? (held === undefined ? undefined : this.#options.takePlace(this));
    if (refusedAtLast !== undefined) return refusedAtLast;
    // Its leg began by a decision from before it had shown anything.
    if (held !== undefined) void this.journal.changed('admitted', entrance.decision);
    this.#enter();
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
    await this.#call.admit(this.#leg, this.wishes);
  }

  #enter(): void {
    this.#joined = true;
    const { audio, video } = this.#leg.local;
    const codecs = { codec: audio.codecs[0]?.name, video: video?.codecs[0]?.name };
    this.#log.info({ ...codecs, security: audio.security.kind }, 'admitted');
    const { observer, stage, onJoined } = this.#options;
    observer.admitted(this.#call);
    stage.joined(this);
    onJoined(this);
    if (this.#reofferAfterJoin) this.#reoffers.want();
  }

  #isOver(): boolean {
    return this.closed || this.#call.ended;
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
