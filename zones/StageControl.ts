import { Closable, errorText, type LayoutName, type Log, type Stage } from '#kernel/index.ts';
import type { ConferenceMedia } from '#media/index.ts';
import { LatestWish } from './LatestWish.ts';
import { tellIntervalMs } from './tellIntervalMs.ts';

/** Somebody in the room, as the stage sees him. */
export interface StagePerson {
  /** Of the participant and of its leg. */
  readonly participantId: string;
  showStage(stage: Stage): void;
  /** Whether what comes as its screen is shown to all. */
  share(on: boolean): Promise<void>;
  /** Tells the far end that somebody else shares now, or that sharing failed. */
  stopSharing(): void;
}

/** What the roster shows of somebody's place on the stage. */
export interface StageMarks {
  readonly sharing: boolean;
  readonly pinned: boolean;
  readonly spotlight: boolean;
}

interface StageControlOptions {
  readonly media: Pick<ConferenceMedia, 'setLayout' | 'setSpotlight' | 'setPinned' | 'on'>;
  /** The one that the media began with. */
  readonly layout: LayoutName;
  /** Those who are established. */
  readonly people: () => readonly StagePerson[];
  /** Somebody's marks have changed. */
  readonly onChange: () => void;
  readonly log: Log;
}

/** What the room's picture is to show, as people wish it, and tells them what it shows. */
export class StageControl extends Closable {
  readonly #options: StageControlOptions;
  readonly #layout: LatestWish<LayoutName>;
  readonly #spotlight: LatestWish<string | undefined>;
  readonly #pinned: LatestWish<readonly string[]>;
  readonly #sharer: LatestWish<StagePerson | undefined>;
  #stage: Stage | undefined;
  #shownAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StageControlOptions) {
    super();
    this.#options = options;
    const { media, layout } = options;
    this.#layout = this.#wish('the layout', layout, (name) => media.setLayout(name));
    this.#spotlight = this.#wish<string | undefined>('the spotlight', undefined, (id) =>
      media.setSpotlight(id),
    );
    this.#pinned = this.#wish<readonly string[]>('who is pinned', [], (ids) => media.setPinned(ids));
    this.#sharer = new LatestWish<StagePerson | undefined>({
      initial: undefined,
      apply: async (next, before) => {
        await before?.share(false);
        await next?.share(true);
      },
      failed: (error) => this.#sharingFailed(error),
    });
    media.on('stage', (stage) => this.#changed(stage));
  }

  get layout(): LayoutName {
    return this.#layout.value;
  }

  /** Whether anybody shares a screen. */
  get sharing(): boolean {
    return this.#sharer.value !== undefined;
  }

  marksOf(participantId: string): StageMarks {
    return {
      sharing: this.#sharer.value?.participantId === participantId,
      pinned: this.#pinned.value.includes(participantId),
      spotlight: this.#spotlight.value === participantId,
    };
  }

  setLayout(layout: LayoutName): void {
    this.#layout.set(layout);
  }

  /** Nothing happens for somebody who is not here. */
  setSpotlight(participantId: string | undefined): void {
    if (participantId !== undefined && !this.#isHere(participantId)) return;
    this.#spotlight.set(participantId);
    this.#options.onChange();
  }

  /** Who was pinned first comes first. Nothing happens for somebody who is not here. */
  setPinned(participantId: string, pinned: boolean): void {
    const before = this.#pinned.value;
    if (before.includes(participantId) === pinned || !this.#isHere(participantId)) return;
    this.#pinned.set(pinned ? [...before, participantId] : before.filter((id) => id !== participantId));
    this.#options.onChange();
  }

  /** Who begins to share takes over from who did before. */
  setSharing(person: StagePerson, on: boolean): void {
    const before = this.#sharer.value;
    if ((before === person) === on) return;
    if (on) before?.stopSharing();
    this.#sharer.set(on ? person : undefined);
    this.#options.onChange();
  }

  /** Somebody is established: is shown at once what there is to see. */
  joined(person: StagePerson): void {
    if (this.#stage !== undefined) person.showStage(this.#stage);
  }

  /** Nothing is kept for somebody who has gone. */
  left({ participantId }: StagePerson): void {
    const { sharing, pinned, spotlight } = this.marksOf(participantId);
    if (sharing) this.#sharer.set(undefined);
    if (spotlight) this.#spotlight.set(undefined);
    if (pinned) this.#pinned.set(this.#pinned.value.filter((id) => id !== participantId));
  }

  protected release(): void {
    clearTimeout(this.#timer);
  }

  #wish<T>(what: string, initial: T, apply: (value: T) => Promise<void>): LatestWish<T> {
    const failed = (error: unknown): void => {
      if (!this.closed) this.#options.log.warn({ error: errorText(error) }, `changing ${what} failed`);
    };
    return new LatestWish({ initial, apply, failed });
  }

  #isHere(participantId: string): boolean {
    return this.#options.people().some((person) => person.participantId === participantId);
  }

  #sharingFailed(error: unknown): void {
    if (this.closed) return;
    this.#options.log.warn({ error: errorText(error) }, 'sharing a screen failed');
    this.#sharer.value?.stopSharing();
    this.#sharer.set(undefined);
    this.#options.onChange();
  }

  /** A change is told at once, those that come soon after it together. */
  #changed(stage: Stage): void {
    this.#stage = stage;
    if (this.closed || this.#timer !== undefined) return;
    const people = this.#options.people().length;
    const waitMs = this.#shownAtMs + tellIntervalMs(people) - performance.now();
    if (waitMs <= 0) this.#show();
    else this.#timer = setTimeout(() => this.#show(), waitMs);
  }

  #show(): void {
    this.#timer = undefined;
    this.#shownAtMs = performance.now();
    if (this.#stage === undefined) return;
    for (const person of this.#options.people()) person.showStage(this.#stage);
  }
}
