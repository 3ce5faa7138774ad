import type { LayoutName, Stage, StageTile } from '#kernel/index.ts';
import type { MixerPicture } from '../contract.ts';
import { capacityOf, layOut, type Guest } from './layouts/index.ts';
import { alternateFor, alternateOrder, StageSelection } from './stage/index.ts';
import type { VideoPerson } from './VideoPerson.ts';

const usualAspect = 16 / 9;

/** Who is where on a conference's pictures. */
export class StagePlan {
  /** The shared picture. */
  stage: Stage = { layout: 'auto', tiles: [] };
  /** Whoever would fill the shared picture and so should get one without himself. */
  alternateFor: string | undefined;
  readonly #selection = new StageSelection();
  #people: ReadonlyMap<string, VideoPerson> = new Map();
  #order: readonly string[] = [];
  #layout: LayoutName = 'auto';
  #spotlight: string | undefined;
  #sharer: string | undefined;
  #speaker: string | undefined;

  /** The one who takes the large place. */
  get speaker(): string | undefined {
    return this.#selection.speaker;
  }

  /** People as they are ranked. */
  get order(): readonly string[] {
    return this.#order;
  }

  /** Follows the floor; `changed`: more than who speaks. True when the pictures are others. */
  update(
    picture: MixerPicture,
    people: ReadonlyMap<string, VideoPerson>,
    speaking: readonly string[],
    nowMs: number,
    changed: boolean,
  ): boolean {
    if (changed) this.#look(picture, people);
    const ids = [...people.values()];
    const moved = this.#selection.update(
      {
        people: ids.map((person) => ({
          id: person.id,
          video: person.camera !== undefined,
          joinedMs: person.joinedMs,
        })),
        speaking,
        pinned: picture.pinned,
        spotlight: this.#spotlight,
        layout: this.#layout,
        places: capacityOf(this.#layout, this.#guests([...people.keys()])),
        sharer: this.#sharer,
      },
      nowMs,
    );
    const { speaker } = this.#selection;
    if (!moved && !changed && speaker === this.#speaker) return false;
    this.#speaker = speaker;
    this.#order = this.#selection.order;
    this.#arrange(picture);
    return true;
  }

  /** The tiles of a picture without this person. */
  tilesWithout(legId: string): readonly StageTile[] {
    const order =
      legId === this.alternateFor
        ? alternateOrder(this.#order, legId, this.#selection.previousSpeaker)
        : this.#order.filter((id) => id !== legId);
    return layOut(this.#layout, this.#guests(order));
  }

  #look(picture: MixerPicture, people: ReadonlyMap<string, VideoPerson>): void {
    this.#people = people;
    this.#sharer = [...people.values()].find(({ screen }) => screen !== undefined)?.id;
    const { spotlight, layout } = picture;
    this.#spotlight = spotlight !== undefined && people.has(spotlight) ? spotlight : undefined;
    const presents = this.#sharer !== undefined && (layout === 'auto' || layout === 'presentation');
    if (presents) this.#layout = 'presentation';
    else this.#layout = this.#spotlight === undefined ? layout : '1:0';
  }

  /** Nobody is shown to who is alone, unless he shows something. */
  #arrange({ layout }: MixerPicture): void {
    const alone = this.#people.size < 2 && this.#sharer === undefined;
    const tiles = alone ? [] : layOut(this.#layout, this.#guests(this.#order));
    const fills = alternateFor(tiles, this.#people.size);
    this.alternateFor = fills;
    this.stage = {
      layout: this.#layout === 'presentation' ? 'presentation' : layout,
      tiles,
      ...(this.#sharer === undefined ? {} : { sharer: this.#sharer }),
      ...(fills === undefined ? {} : { alternateFor: fills }),
    };
  }

  #guests(order: readonly string[]): Guest[] {
    const guests: Guest[] = [];
    if (this.#layout === 'presentation' && this.#sharer !== undefined)
      guests.push(this.#guest(this.#sharer, 'screen'));
    for (const id of order) guests.push(this.#guest(id, 'camera'));
    return guests;
  }

  #guest(legId: string, source: 'camera' | 'screen'): Guest {
    const stream = this.#people.get(legId)?.source(source);
    const known = stream !== undefined && stream.width > 0 && stream.height > 0;
    return { legId, source, aspect: known ? stream.width / stream.height : usualAspect };
  }
}
