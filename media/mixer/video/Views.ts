import { rungHeights, type MixerPicture, type RungHeight } from '../contract.ts';
import { Encoding } from './Encoding.ts';
import type { Ladder } from './Ladder.ts';
import { ownViews } from './ownViews.ts';
import type { PictureStream } from './PictureStream.ts';
import type { VideoResources } from './resources.ts';
import { limitedBitrate, rungBitrate, rungFor } from './rungs.ts';
import type { StagePlan } from './StagePlan.ts';
import type { VideoPerson } from './VideoPerson.ts';
import { View } from './View.ts';

/** Those outside of the room who are shown the same lines share a view. */
export function slateName(lines: readonly string[]): string {
  return `slate ${JSON.stringify(lines)}`;
}

/** The alternate picture has one viewer, whose bandwidth it cannot follow. */
const alternateShare = 0.75;

/** The pictures of a conference and their encodings: those that somebody gets, and no others. */
export class Views {
  /** In the order in which they were made. */
  readonly all: View[] = [];
  readonly #resources: VideoResources;
  readonly #bitrates = new Map<Encoding, number>();

  constructor(resources: VideoResources) {
    this.#resources = resources;
  }

  find(name: string): View | undefined {
    return this.all.find((view) => view.name === name);
  }

  /** Gives every stream the picture that it should carry. */
  arrange(
    picture: MixerPicture,
    plan: StagePlan,
    people: ReadonlyMap<string, VideoPerson>,
    ladders: Iterable<Ladder>,
    nowMs: number,
  ): void {
    this.#bitrates.clear();
    const own = ownViews(plan, people, picture.encodeBudget);
    for (const person of people.values()) {
      const { stream, config } = person;
      if (stream === undefined || config.outbound === undefined) continue;
      const rung = rungFor(config.outbound, picture.maxBitrate);
      this.#give(stream, this.#viewFor(person, own), rung, picture, nowMs);
      this.#limit(stream, picture, config.outbound.maxBitrate ?? Infinity);
    }
    for (const ladder of ladders) this.#giveLadder(ladder, picture, plan, people, nowMs);
    for (const [encoding, bitrate] of this.#bitrates) encoding.setBitrate(bitrate);
    this.sweep();
  }

  /** Ends what nobody gets any more. */
  sweep(): void {
    for (let index = this.all.length - 1; index >= 0; index -= 1) {
      const view = this.all[index];
      if (view === undefined) continue;
      view.sweep();
      if (view.encodings.length === 0) this.all.splice(index, 1);
    }
  }

  close(): void {
    for (const view of this.all) view.close();
    this.all.length = 0;
  }

  #giveLadder(
    ladder: Ladder,
    picture: MixerPicture,
    plan: StagePlan,
    people: ReadonlyMap<string, VideoPerson>,
    nowMs: number,
  ): void {
    const { alternateFor } = plan;
    if (ladder.picture === 'shared') {
      for (const [index, stream] of ladder.streams.entries()) {
        const rung = rungHeights[index];
        if (rung !== undefined) this.#give(stream, this.#view('shared', undefined), rung, picture, nowMs);
      }
    } else if (ladder.picture === 'alternate') {
      const fills = alternateFor === undefined ? undefined : people.get(alternateFor);
      const view = fills?.config.kind === 'browser' ? this.#view('alternate', fills.id) : undefined;
      for (const stream of ladder.streams) {
        if (view === undefined) stream.switchTo(undefined, nowMs);
        else {
          this.#give(stream, view, 720, picture, nowMs);
          this.#limit(stream, picture, picture.maxBitrate * alternateShare);
        }
      }
    }
  }

  #viewFor({ id, config: { held } }: VideoPerson, own: ReadonlySet<string>): View {
    if (held !== undefined) return this.#view(slateName(held.lines), undefined, held.lines);
    return own.has(id) ? this.#view(id, id) : this.#view('shared', undefined);
  }

  #view(name: string, without: string | undefined, slate?: readonly string[]): View {
    let view = this.find(name);
    if (view === undefined) {
      view = new View(name, this.#resources, slate);
      this.all.push(view);
    }
    view.without = without;
    return view;
  }

  #give(
    stream: PictureStream,
    view: View,
    height: RungHeight,
    { maxBitrate, frameRate }: MixerPicture,
    nowMs: number,
  ): void {
    const bitrate = rungBitrate(height, maxBitrate);
    let encoding = view.encoding(stream.codec, height);
    if (encoding === undefined) {
      encoding = new Encoding(stream.codec, height, bitrate, frameRate, this.#resources, nowMs);
      view.encodings.push(encoding);
    }
    if (!this.#bitrates.has(encoding)) this.#bitrates.set(encoding, bitrate);
    stream.switchTo(encoding, nowMs);
  }

  #limit({ encoding }: PictureStream, { maxBitrate }: MixerPicture, limit: number): void {
    if (encoding === undefined) return;
    const bitrate = limitedBitrate(encoding.height, maxBitrate, limit);
    this.#bitrates.set(encoding, Math.min(this.#bitrates.get(encoding) ?? bitrate, bitrate));
  }
}
