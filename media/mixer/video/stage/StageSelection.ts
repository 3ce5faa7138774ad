import type { LayoutName } from '#kernel/index.ts';
import { Floor } from './speaker.ts';

export interface StagePerson {
  readonly id: string;
  /** Has a camera that is on. */
  readonly video: boolean;
  readonly joinedMs: number;
}

export interface StageInput {
  readonly people: readonly StagePerson[];
  /** The loudest first. */
  readonly speaking: readonly string[];
  /** Always on stage, in this order. */
  readonly pinned: readonly string[];
  readonly spotlight: string | undefined;
  readonly layout: LayoutName;
  /** How many the layout shows, a shared screen included. */
  readonly places: number;
  readonly sharer: string | undefined;
}

/** Layouts whose first place is much larger than the others: it belongs to the speaker. */
const speakerLayouts: readonly LayoutName[] = ['1:0', '1:7', '1:21', 'presentation'];

/** Who is on stage and in which place. Nobody moves who need not. */
export class StageSelection {
  /** People as they are ranked: those on stage by their places, then the others. */
  order: readonly string[] = [];
  readonly #floor = new Floor();
  #places: string[] = [];
  #key = '';

  get speaker(): string | undefined {
    return this.#floor.speaker;
  }

  /** Who had the floor before. */
  get previousSpeaker(): string | undefined {
    return this.#floor.previous;
  }

  /** True when the order has changed. */
  update(input: StageInput, nowMs: number): boolean {
    const { people, speaking } = input;
    this.#floor.look(new Set(people.map(({ id }) => id)), speaking, nowMs);
    const order = this.#rank(input);
    const key = order.join('\n');
    if (key === this.#key) return false;
    this.#key = key;
    this.order = order;
    return true;
  }

  #rank(input: StageInput): string[] {
    const { people, pinned, spotlight, layout, sharer } = input;
    const byRank = [...people].sort(
      (one, other) => Number(other.video) - Number(one.video) || one.joinedMs - other.joinedMs,
    );
    const known = new Map(people.map((person) => [person.id, person]));
    const places = Math.max(
      1,
      layout === 'presentation' && sharer !== undefined ? input.places - 1 : input.places,
    );
    const fixed = [...new Set([...(spotlight === undefined ? [] : [spotlight]), ...pinned])].filter((id) =>
      known.has(id),
    );
    const stage = this.#stay(byRank, known, places);
    this.#letCamerasIn(stage, byRank, fixed);
    for (const id of fixed) if (!stage.includes(id)) this.#letIn(id, stage, fixed, known);
    const { speaker } = this;
    if (speaker !== undefined && !stage.includes(speaker)) this.#letIn(speaker, stage, fixed, known);
    const presents = layout === 'presentation' && sharer !== undefined;
    if (speaker !== undefined && speakerLayouts.includes(layout) && !presents) moveTo(stage, speaker, 0);
    fixed.forEach((id, place) => moveTo(stage, id, place));
    this.#places = stage;
    return [...stage, ...byRank.map(({ id }) => id).filter((id) => !stage.includes(id))];
  }

  /** Those on stage stay where they are; whoever has waited for longest takes the place of one who left. */
  #stay(byRank: readonly StagePerson[], known: ReadonlyMap<string, StagePerson>, places: number): string[] {
    const waiting = byRank.map(({ id }) => id).filter((id) => !this.#places.includes(id));
    const stage: string[] = [];
    for (const id of this.#places) {
      const next = known.has(id) ? id : waiting.shift();
      if (next !== undefined) stage.push(next);
    }
    return [...stage, ...waiting].slice(0, places);
  }

  /** Who shows himself goes before who does not. */
  #letCamerasIn(stage: string[], byRank: readonly StagePerson[], fixed: readonly string[]): void {
    const waiting = byRank.filter(({ id, video }) => video && !stage.includes(id));
    for (const { id } of waiting) {
      const place = stage.findLastIndex(
        (shown) =>
          !fixed.includes(shown) &&
          shown !== this.speaker &&
          byRank.some((person) => person.id === shown && !person.video),
      );
      if (place === -1) return;
      stage[place] = id;
    }
  }

  /** In place of whoever has been silent for longest, first of those without a camera; of the speaker only if nobody else can go. */
  #letIn(
    id: string,
    stage: string[],
    fixed: readonly string[],
    known: ReadonlyMap<string, StagePerson>,
  ): void {
    const goesBefore = (one: string, other: string): boolean => {
      if (one === this.speaker || other === this.speaker) return other === this.speaker;
      const videoOne = known.get(one)?.video === true;
      const videoOther = known.get(other)?.video === true;
      if (videoOne !== videoOther) return videoOther;
      return this.#floor.lastHeardMs(one) <= this.#floor.lastHeardMs(other);
    };
    let place = -1;
    stage.forEach((shown, index) => {
      if (fixed.includes(shown)) return;
      const best = stage[place];
      if (best === undefined || goesBefore(shown, best)) place = index;
    });
    if (place !== -1) stage[place] = id;
  }
}

/** Changes places with whoever is there. */
function moveTo(stage: string[], id: string, place: number): void {
  const from = stage.indexOf(id);
  const other = stage[place];
  if (from === -1 || from === place || other === undefined) return;
  stage[place] = id;
  stage[from] = other;
}
