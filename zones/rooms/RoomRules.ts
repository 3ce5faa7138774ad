import { Closable, termination, type Termination } from '#kernel/index.ts';
import type { RoomState } from '#signaling/call.ts';
import type { RoomConfig } from '../config/schema.ts';
import { Countdown, type CountdownOptions } from './Countdown.ts';

export type Role = 'host' | 'guest';

export type RoomRulesEvent =
  /** For everyone in the room: lock and notice are now so. */
  | { readonly type: 'state'; readonly state: RoomState }
  /** The first host has come, or the last has left. Whoever waits for a host alone may come in now. */
  | { readonly type: 'hosts'; readonly present: boolean }
  /** The conference is over. Once, and nothing after it. */
  | { readonly type: 'end'; readonly cause: 'conference-ended' | 'duration-over' };

export interface RoomRulesOptions {
  readonly room: Pick<RoomConfig, 'lobby' | 'wait_for_host' | 'end_after_last_host_seconds' | 'max_minutes'>;
  /** Must not throw. */
  readonly emit: (event: RoomRulesEvent) => void;
}

/** What somebody finds at the door who has shown all that he must. */
export type Entry =
  | { readonly kind: 'enter' }
  /** Until a host is there. */
  | { readonly kind: 'wait-for-host' }
  /** Until a host admits him. */
  | { readonly kind: 'lobby' }
  | { readonly kind: 'refuse'; readonly termination: Termination };

/** Lock, hosts and duration of one conference. It decides who may enter and when the conference ends, and does neither itself. */
export class RoomRules extends Closable {
  readonly #options: RoomRulesOptions;
  readonly #people = new Map<string, Role>();
  readonly #notices: { duration?: string | undefined; grace?: string | undefined } = {};
  #locked = false;
  #notice: string | undefined;
  #duration: Countdown | undefined;
  #grace: Countdown | undefined;

  constructor(options: RoomRulesOptions) {
    super();
    this.#options = options;
  }

  get hosts(): number {
    return [...this.#people.values()].filter((role) => role === 'host').length;
  }

  get state(): RoomState {
    return { locked: this.#locked, ...(this.#notice === undefined ? {} : { notice: this.#notice }) };
  }

  /** `lobby`: the policy says that he must be admitted, whatever the room says. */
  entry(role: Role, lobby: boolean): Entry {
    const { room } = this.#options;
    if (role === 'host') return { kind: 'enter' };
    const { hosts } = this;
    if (this.#locked) return hosts > 0 ? { kind: 'lobby' } : refusedByLock;
    if (lobby || room.lobby) return { kind: 'lobby' };
    return room.wait_for_host && hosts === 0 ? { kind: 'wait-for-host' } : { kind: 'enter' };
  }

  /** Somebody is in the room, or his role has changed. Those who wait are not in it. */
  joined(id: string, role: Role): void {
    if (this.closed) return;
    this.#startDuration();
    const before = this.hosts;
    this.#people.set(id, role);
    this.#hostsChanged(before);
  }

  left(id: string): void {
    if (this.closed) return;
    const before = this.hosts;
    this.#people.delete(id);
    this.#hostsChanged(before);
  }

  /** Locked, guests come in only by a host's word, and not at all while there is none. */
  setLocked(locked: boolean): void {
    if (locked === this.#locked || this.closed) return;
    this.#locked = locked;
    this.#tell();
  }

  protected release(): void {
    this.#people.clear();
  }

  #hostsChanged(before: number): void {
    const present = this.hosts > 0;
    if (present === before > 0) return;
    if (present) this.#stopGrace();
    this.#options.emit({ type: 'hosts', present });
    // Whoever listened may have ended it all.
    if (!present && !this.closed) this.#startGrace();
  }

  #startDuration(): void {
    const { max_minutes: minutes } = this.#options.room;
    if (minutes === undefined || this.#duration !== undefined) return;
    this.#duration = this.#count('duration', {
      totalMs: minutes * 60_000,
      announced: false,
      text: (left) => `This meeting ends in ${left}`,
      ended: () => this.#end('duration-over'),
    });
  }

  #startGrace(): void {
    const { end_after_last_host_seconds: seconds } = this.#options.room;
    // With nobody left the conference ends by itself.
    if (seconds === undefined || this.#people.size === 0) return;
    if (seconds === 0) return this.#end('conference-ended');
    this.#grace = this.#count('grace', {
      totalMs: seconds * 1000,
      announced: true,
      text: (left) => `The last host has left. This meeting ends in ${left} unless a host comes back`,
      ended: () => this.#end('conference-ended'),
    });
  }

  #stopGrace(): void {
    void this.#grace?.close('a host is back');
    this.#grace = undefined;
  }

  #count(which: 'duration' | 'grace', options: Omit<CountdownOptions, 'notice'>): Countdown {
    return this.own(
      new Countdown({
        ...options,
        notice: (text) => {
          this.#notices[which] = text;
          this.#tell();
        },
      }),
    );
  }

  /** The one of the end that cannot be averted goes before. */
  #tell(): void {
    if (this.closed) return;
    this.#notice = this.#notices.duration ?? this.#notices.grace;
    this.#options.emit({ type: 'state', state: this.state });
  }

  #end(cause: 'conference-ended' | 'duration-over'): void {
    if (this.closed) return;
    void this.close(cause);
    this.#options.emit({ type: 'end', cause });
  }
}

const refusedByLock: Entry = {
  kind: 'refuse',
  termination: termination('locked', 'the room is locked and no host is there to ask'),
};
