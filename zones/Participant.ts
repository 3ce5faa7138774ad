import { randomUUID } from 'node:crypto';
import { Closable, errorText, termination, type Log, type Termination } from '#kernel/index.ts';
import type { MediaLeg } from '#media/index.ts';
import type { Call, CallOwner, RosterEntry } from '#signaling/call.ts';
import { isDefect, terminationOf } from './causes.ts';
import { Keypad } from './Keypad.ts';
import { Reoffers } from './Reoffers.ts';

interface ParticipantOptions {
  readonly call: Call;
  readonly log: Log;
  readonly roomTitle: string;
  readonly zoneName: string;
  /** Something that the roster shows has changed. */
  readonly onChange: () => void;
}

/** One call in one conference: joins what signaling knows of it to its media leg. Closes when the call ends. */
export class Participant extends Closable implements CallOwner {
  readonly participantId: string = randomUUID();
  readonly roomTitle: string;
  readonly zoneName: string;
  readonly #call: Call;
  readonly #log: Log;
  readonly #onChange: () => void;
  readonly #keypad = new Keypad();
  readonly #reoffers: Reoffers;
  #making: Promise<MediaLeg> | undefined;
  #leg: MediaLeg | undefined;
  #joined = false;
  #muted = false;
  /** What the leg was told last. */
  #legMuted = false;
  #muting = false;
  #reofferAfterJoin = false;
  #speaking = false;
  #termination: Termination | undefined;

  constructor({ call, log, roomTitle, zoneName, onChange }: ParticipantOptions) {
    super();
    this.#call = call;
    this.roomTitle = roomTitle;
    this.zoneName = zoneName;
    this.#onChange = onChange;
    this.#log = log.child({ participant: this.participantId, protocol: call.protocol });
    this.#reoffers = this.own(
      new Reoffers({
        make: () => this.#reoffer(),
        failed: (error) => this.#notRestored(error),
      }),
    );
  }

  get rosterEntry(): RosterEntry {
    const kind = this.#call.protocol === 'web' ? 'browser' : 'phone';
    const { participantId: id, speaking } = this;
    return { id, name: this.#call.displayName, kind, muted: this.#muted, speaking };
  }

  /** Established, so shown to the others. */
  get joined(): boolean {
    return this.#joined && !this.closed;
  }

  get speaking(): boolean {
    return this.#speaking && !this.#muted;
  }

  set speaking(speaking: boolean) {
    this.#speaking = speaking;
  }

  /** Answers the call with the leg that this makes, which is the participant's own. Whatever fails ends the call. */
  async join(makeLeg: () => Promise<MediaLeg>): Promise<void> {
    try {
      this.#making = makeLeg();
      await this.#answer(await this.#making);
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
      await (this.#leg === undefined ? this.#call.refuse(because) : this.#call.hangup(because));
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

  showRoster(roster: readonly RosterEntry[]): void {
    if (!this.#call.ended) this.#call.showRoster(this.participantId, roster);
  }

  // CallOwner: what the far end does.

  ended(because: Termination): void {
    this.#termination ??= because;
    this.close(because.cause).catch((error: unknown) => this.#closingFailed(error));
  }

  setMuted(muted: boolean): void {
    if (muted === this.#muted || this.closed) return;
    this.#muted = muted;
    this.#onChange();
    if (!this.#muting) void this.#tellLeg();
  }

  digit(digit: string): void {
    if (this.#keypad.press(digit) === 'toggle-mute') this.setMuted(!this.#muted);
  }

  protected async release(reason: string): Promise<void> {
    const { cause = reason, detail } = this.#termination ?? {};
    this.#log.info({ cause, detail }, this.#joined ? 'call ended' : 'call not established');
    // A leg that is still being made cannot be closed yet, and must not outlive its participant. Its failure is join's.
    const leg = await this.#making?.catch(() => undefined);
    await leg?.close(reason);
  }

  async #answer(leg: MediaLeg): Promise<void> {
    if (this.#isOver()) return this.close('cancelled');
    this.#leg = leg;
    await this.#call.admit(leg, this);
    // It may have ended in the moment when it was established.
    if (this.#isOver()) return;
    this.#joined = true;
    this.#log.info({ codec: leg.local.codecs[0]?.name, security: leg.local.security.kind }, 'admitted');
    if (this.#reofferAfterJoin) this.#reoffers.want();
  }

  #isOver(): boolean {
    return this.closed || this.#call.ended;
  }

  /** The latest wish only: however fast somebody presses, one change is under way. */
  async #tellLeg(): Promise<void> {
    this.#muting = true;
    try {
      while (this.#leg !== undefined && this.#legMuted !== this.#muted) {
        const muted = this.#muted;
        await this.#leg.setMuted(muted);
        this.#legMuted = muted;
      }
    } catch (error) {
      if (!this.closed) this.#log.warn({ error: errorText(error) }, 'muting failed');
    }
    this.#muting = false;
  }

  async #reoffer(): Promise<void> {
    const leg = this.#leg;
    if (leg === undefined) return;
    await leg.reoffer();
    await this.#call.reoffer(leg);
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
