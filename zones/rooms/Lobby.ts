import { Closable, termination, type Termination } from '#kernel/index.ts';
import type { WaitingEntry } from '#signaling/call.ts';
import { tellIntervalMs } from '../tellIntervalMs.ts';

export interface LobbyOptions {
  /** The longest wait; `waiting_minutes` of the room. */
  readonly waitingMs: number;
  /** More than these are refused as busy: of those who come from one place first. */
  readonly places?: number;
  /** Somebody has come or gone; who waits is in `waiting`. Changes that come close together are told once. Must not throw. */
  readonly onChange: (waiting: readonly WaitingEntry[]) => void;
}

/** What somebody waits for. */
export type WaitingFor =
  /** Until a host admits him. */
  | 'admission'
  /** Until a host is there; one who is may admit him or refuse him as well. */
  | 'host';

/** How a wait ended. */
export type WaitingOutcome =
  /** `approved`: a host admitted him by name; else he only had to wait for one. */
  | { readonly kind: 'admitted'; readonly approved: boolean }
  | { readonly kind: 'refused'; readonly termination: Termination };

interface Waiting {
  readonly entry: WaitingEntry;
  readonly source: string;
  readonly waitsFor: WaitingFor;
  readonly timer: NodeJS.Timeout;
  readonly settle: (outcome: WaitingOutcome) => void;
}

const defaultPlaces = 50;

/** Who waits at the door of one conference, in the order in which they came. */
export class Lobby extends Closable {
  readonly #options: LobbyOptions;
  readonly #waiting = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LobbyOptions) {
    super();
    this.#options = options;
  }

  /** For hosts; who came first is first. */
  get waiting(): readonly WaitingEntry[] {
    return [...this.#waiting.values()].map(({ entry }) => entry);
  }

  /** Resolves when the wait is over, never rejects. `id` is the one that hosts admit by, `source` where he calls from. */
  enter(
    person: Omit<WaitingEntry, 'sinceMs'>,
    waitsFor: WaitingFor,
    source: string,
  ): Promise<WaitingOutcome> {
    const { waitingMs } = this.#options;
    if (this.closed) return Promise.resolve(refused(termination('conference-ended')));
    if (!this.#hasPlaceFor(source)) return Promise.resolve(this.#full);
    this.#release(person.id, refused(termination('failed', 'he waits already')));
    const { promise, resolve: settle } = Promise.withResolvers<WaitingOutcome>();
    const late = refused(termination('lobby-timeout', 'nobody admitted him in time'));
    const timer = setTimeout(() => this.#release(person.id, late), waitingMs);
    const entry = { ...person, sinceMs: Date.now() };
    this.#waiting.set(person.id, { entry, source, waitsFor, timer, settle });
    this.#changed();
    return promise;
  }

  /** A host's word. False: nobody of that id waits (any more). */
  answer(id: string, admit: boolean): boolean {
    if (admit) return this.#release(id, { kind: 'admitted', approved: true });
    return this.#release(id, refused(termination('lobby-refused', 'a host said no')));
  }

  /** The caller has gone. */
  leave(id: string): void {
    this.#release(id, refused(termination('cancelled', 'left the lobby')));
  }

  /** A host is there: those who waited for nothing else come in. */
  hostArrived(): void {
    for (const [id, { waitsFor }] of [...this.#waiting]) {
      if (waitsFor === 'host') this.#release(id, { kind: 'admitted', approved: false });
    }
  }

  /** Everybody who waits is told that it is over. */
  refuseAll(because: Termination): void {
    for (const id of [...this.#waiting.keys()]) this.#release(id, refused(because));
  }

  protected release(): void {
    this.refuseAll(termination('conference-ended'));
    clearTimeout(this.#timer);
  }

  get #places(): number {
    return this.#options.places ?? defaultPlaces;
  }

  get #full(): WaitingOutcome {
    return refused(termination('busy', `the lobby holds ${this.#places}`));
  }

  /** Of a full lobby, whoever came last from the place that most have come from makes way for who comes from elsewhere. */
  #hasPlaceFor(source: string): boolean {
    if (this.#waiting.size < this.#places) return true;
    const bySource = Map.groupBy(this.#waiting.entries(), ([, waiting]) => waiting.source);
    const largest = [...bySource.values()].reduce((one, other) => (other.length > one.length ? other : one));
    const last = largest.at(-1);
    if (last === undefined || (bySource.get(source)?.length ?? 0) + 1 >= largest.length) return false;
    return this.#release(last[0], this.#full);
  }

  #release(id: string, outcome: WaitingOutcome): boolean {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return false;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    waiting.settle(outcome);
    this.#changed();
    return true;
  }

  #changed(): void {
    if (this.closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#options.onChange(this.waiting);
    }, tellIntervalMs(this.#waiting.size));
  }
}

function refused(because: Termination): WaitingOutcome {
  return { kind: 'refused', termination: because };
}
