import { randomUUID } from 'node:crypto';
import { Closable, errorText, termination, type Log, type Termination } from '#kernel/index.ts';
import type { MediaLeg } from '#media/index.ts';
import type { Call, CallOwner, RosterEntry } from '#signaling/call.ts';
import { Keypad } from './Keypad.ts';

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
  #leg: MediaLeg | undefined;
  #joined = false;
  #muted = false;
  #speaking = false;
  #termination: Termination | undefined;

  constructor({ call, log, roomTitle, zoneName, onChange }: ParticipantOptions) {
    super();
    this.#call = call;
    this.roomTitle = roomTitle;
    this.zoneName = zoneName;
    this.#onChange = onChange;
    this.#log = log.child({ participant: this.participantId, protocol: call.protocol });
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

  /** Answers the call with this leg, which this participant now owns. Rejects when the far end does not follow. */
  async join(leg: MediaLeg): Promise<void> {
    this.#leg = this.own(leg);
    await this.#call.admit(leg, this);
    this.#joined = true;
    this.#log.info({ codec: leg.local.codecs[0]?.name, security: leg.local.security.kind }, 'admitted');
  }

  /** Says goodbye to the far end and closes. */
  async hangup(because: Termination): Promise<void> {
    this.#termination ??= because;
    if (!this.#call.ended) await this.#call.hangup(because);
    await this.close(because.cause);
  }

  /** The media lost its transport: gives the far end a new one, or ends the call. */
  async restoreMedia(): Promise<void> {
    const leg = this.#leg;
    if (leg === undefined || this.closed) return;
    try {
      await leg.reoffer();
      await this.#call.reoffer(leg);
      this.#log.info('media restored');
    } catch (error) {
      this.#log.warn({ error: errorText(error) }, 'media could not be restored');
      await this.hangup(termination('worker-lost'));
    }
  }

  showRoster(roster: readonly RosterEntry[]): void {
    if (!this.#call.ended) this.#call.showRoster(this.participantId, roster);
  }

  // CallOwner: what the far end does.

  ended(because: Termination): void {
    this.#termination ??= because;
    this.close(because.cause).catch((error: unknown) => {
      this.#log.error({ error: errorText(error) }, 'closing failed');
    });
  }

  setMuted(muted: boolean): void {
    if (muted === this.#muted || this.closed) return;
    this.#muted = muted;
    this.#leg?.setMuted(muted).catch((error: unknown) => {
      this.#log.warn({ error: errorText(error) }, 'muting failed');
    });
    this.#onChange();
  }

  reofferWanted(): void {
    void this.restoreMedia();
  }

  digit(digit: string): void {
    if (this.#keypad.press(digit) === 'toggle-mute') this.setMuted(!this.#muted);
  }

  protected release(reason: string): void {
    this.#log.info(
      { cause: this.#termination?.cause ?? reason, detail: this.#termination?.detail },
      'call ended',
    );
  }
}
