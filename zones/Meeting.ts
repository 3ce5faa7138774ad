import { Closable, errorText, termination, type Log, type Termination } from '#kernel/index.ts';
import type { RoomState, WaitingEntry } from '#signaling/call.ts';
import type { RoomConfig } from './config/schema.ts';
import type { FarEndView } from './FarEndView.ts';
import { LatestWish } from './LatestWish.ts';
import type { PhoneVoice } from './PhoneVoice.ts';
import { Lobby, type WaitingFor } from './rooms/Lobby.ts';
import { RoomRules, type RoomRulesEvent } from './rooms/RoomRules.ts';

/** Somebody in the room, as far as its order goes. */
export interface MeetingPerson {
  readonly participantId: string;
  readonly isHost: boolean;
  readonly view: Pick<FarEndView, 'showWaiting' | 'showRoomState'>;
  readonly voice: Pick<PhoneVoice, 'ringBell'>;
}

interface MeetingOptions {
  readonly room: RoomConfig;
  /** Those who are established. */
  readonly people: () => readonly MeetingPerson[];
  /** How a host (`viewerId`) may know somebody who waits. */
  readonly nameOf: (id: string, viewerId: string) => string;
  /** Puts a sentence on the picture, or takes it away. */
  readonly notice: (text: string | undefined) => Promise<void>;
  /** Ends every call of the room. */
  readonly end: (because: Termination) => Promise<void>;
  readonly log: Log;
}

/** How a wait at the door ended. */
export type Waited = { readonly approved: boolean } | { readonly refused: Termination };

/** The order of one conference: who waits at its door, whether it is locked, and when it is over. */
export class Meeting extends Closable {
  readonly #options: MeetingOptions;
  readonly #rules: RoomRules;
  readonly #lobby: Lobby;
  readonly #notice: LatestWish<string | undefined>;
  #warned = 0;
  /** Who waited when hosts were last told. */
  #rungFor: ReadonlySet<string> = new Set();

  constructor(options: MeetingOptions) {
    super();
    this.#options = options;
    const { room, notice, log } = options;
    this.#rules = this.own(new RoomRules({ room, emit: (event) => this.#follow(event) }));
    this.#lobby = this.own(
      new Lobby({
        waitingMs: room.waiting_minutes * 60_000,
        onChange: (waiting) => this.#showWaiting(waiting),
      }),
    );
    this.#notice = new LatestWish<string | undefined>({
      initial: undefined,
      apply: notice,
      failed: (error) => log.warn({ error: errorText(error) }, 'a notice could not be shown on the picture'),
    });
  }

  /** How many wait at the door. */
  get waiting(): number {
    return this.#lobby.waiting.length;
  }

  get locked(): boolean {
    return this.#rules.state.locked;
  }

  /** Whether a guest cannot just walk in; `lobby`: by policy. */
  mustWait(lobby: boolean): boolean {
    return this.#rules.entry('guest', lobby).kind !== 'enter';
  }

  /** What a guest would wait for; undefined when he may walk in, or may not come at all. */
  waitsFor(lobby: boolean): WaitingFor | undefined {
    const { kind } = this.#rules.entry('guest', lobby);
    if (kind === 'lobby') return 'admission';
    return kind === 'wait-for-host' ? 'host' : undefined;
  }

  /** Until a guest may come in; `source`: where he calls from. Never rejects. */
  async wait(person: Omit<WaitingEntry, 'sinceMs'>, lobby: boolean, source: string): Promise<Waited> {
    const entry = this.#rules.entry('guest', lobby);
    if (entry.kind === 'enter') return { approved: false };
    if (entry.kind === 'refuse') return { refused: entry.termination };
    const waitsFor = entry.kind === 'lobby' ? 'admission' : 'host';
    const outcome = await this.#lobby.enter(person, waitsFor, source);
    return outcome.kind === 'admitted' ? { approved: outcome.approved } : { refused: outcome.termination };
  }

  joined(person: MeetingPerson): void {
    this.roleOf(person);
    person.view.showRoomState(this.#state);
  }

  /** He may direct the room now, or no longer. */
  roleOf(person: MeetingPerson): void {
    this.#rules.joined(person.participantId, person.isHost ? 'host' : 'guest');
    if (!person.isHost) return;
    const { waiting } = this.#lobby;
    this.#showWaitingTo(person, waiting);
    if (waiting.length > 0) person.voice.ringBell(true);
  }

  /** Of the room or of the lobby. */
  left(participantId: string): void {
    this.#lobby.leave(participantId);
    this.#rules.left(participantId);
  }

  admit(participantId: string, admit: boolean): void {
    this.#lobby.answer(participantId, admit);
  }

  admitAll(): void {
    for (const { id } of this.#lobby.waiting) this.#lobby.answer(id, true);
  }

  setLocked(locked: boolean): void {
    this.#rules.setLocked(locked);
  }

  /** So many have been told that their time here is over. */
  warned(people: number): void {
    this.#warned = people;
    this.#showState();
  }

  protected release(): void {
    this.#warned = 0;
  }

  get #state(): RoomState {
    const { locked, notice } = this.#rules.state;
    const text =
      notice ?? (this.#warned > 0 ? 'The time of this meeting is over for some of those here' : undefined);
    return text === undefined ? { locked } : { locked, notice: text };
  }

  #follow(event: RoomRulesEvent): void {
    if (event.type === 'state') this.#showState();
    else if (event.type === 'hosts') this.#hostsChanged(event.present);
    else void this.#end(termination(event.cause));
  }

  #hostsChanged(present: boolean): void {
    if (present) this.#lobby.hostArrived();
  }

  async #end(because: Termination): Promise<void> {
    this.#lobby.refuseAll(because);
    await this.#options.end(because);
  }

  #showState(): void {
    if (this.closed) return;
    const state = this.#state;
    this.#notice.set(state.notice);
    for (const { view } of this.#options.people()) view.showRoomState(state);
  }

  #showWaitingTo({ participantId, view }: MeetingPerson, waiting: readonly WaitingEntry[]): void {
    const { nameOf } = this.#options;
    view.showWaiting(waiting.map((entry) => ({ ...entry, name: nameOf(entry.id, participantId) })));
  }

  #showWaiting(waiting: readonly WaitingEntry[]): void {
    const someoneCame = waiting.some(({ id }) => !this.#rungFor.has(id));
    const first = this.#rungFor.size === 0;
    this.#rungFor = new Set(waiting.map(({ id }) => id));
    for (const person of this.#options.people()) {
      if (!person.isHost) continue;
      this.#showWaitingTo(person, waiting);
      if (someoneCame) person.voice.ringBell(first);
    }
  }
}
