import type { Stage, StageTile } from '#kernel/index.ts';
import type { MixerLadder, MixerPicture, MixerVideoLeg } from '../contract.ts';
import { Ladder } from './Ladder.ts';
import type { PictureStream } from './PictureStream.ts';
import type { VideoResources } from './resources.ts';
import { ScreenForward } from './ScreenForward.ts';
import { StagePlan } from './StagePlan.ts';
import { VideoPerson } from './VideoPerson.ts';
import { View } from './View.ts';
import { slateName, Views } from './Views.ts';

/** The floor is looked at ten times a second. */
const framesBetweenPlans = 3;
/** What is asked of a screen that browsers get as it is. */
const sharpHeight = 1080;

export interface VideoConferenceEvents {
  readonly onStage: (conferenceId: string, stage: Stage) => void;
  readonly onWanted: (legId: string, source: 'camera' | 'screen', height: number) => void;
}

/** The pictures of one conference: who is on them, and who gets which. */
export class VideoConference {
  readonly id: string;
  readonly views: Views;
  readonly people = new Map<string, VideoPerson>();
  readonly ladders = new Map<string, Ladder>();
  #picture: MixerPicture;
  readonly #resources: VideoResources;
  readonly #events: VideoConferenceEvents;
  readonly #plan = new StagePlan();
  /** Those in the room. */
  #present: ReadonlyMap<string, VideoPerson> = new Map();
  /** The values of the maps: a loop over an array makes no iterator once it is compiled. */
  #everyone: readonly VideoPerson[] = [];
  #streams: readonly PictureStream[] = [];
  #forward: ScreenForward | undefined;
  #speaking: readonly string[] = [];
  #changed = true;
  #told = '';
  #sizes = 0;
  #framesToPlan = 0;
  #frameCredit = 0;

  constructor(picture: MixerPicture, resources: VideoResources, events: VideoConferenceEvents) {
    this.id = picture.conferenceId;
    this.#picture = picture;
    this.#resources = resources;
    this.#events = events;
    this.views = new Views(resources);
  }

  get frameRate(): number {
    return this.#picture.frameRate;
  }

  get encodeBudget(): number {
    return this.#picture.encodeBudget;
  }

  setPicture(picture: MixerPicture): void {
    this.#picture = picture;
    this.#changed = true;
  }

  setLeg(config: MixerVideoLeg): void {
    const { clockMs, wallMs } = this.#resources;
    const nowMs = clockMs();
    const known = this.people.get(config.id);
    if (known !== undefined) known.change(config, nowMs, wallMs(nowMs));
    else this.people.set(config.id, new VideoPerson(config, this.#resources, nowMs, wallMs(nowMs)));
    this.#follow();
  }

  removeLeg(legId: string): void {
    const person = this.people.get(legId);
    if (person === undefined) return;
    this.people.delete(legId);
    person.close(this.#resources.clockMs());
    this.#follow();
  }

  setLadder(config: MixerLadder): void {
    const { clockMs, wallMs } = this.#resources;
    const nowMs = clockMs();
    const known = this.ladders.get(config.id);
    if (known?.picture === config.picture) known.change(config, nowMs, wallMs(nowMs));
    else {
      known?.close(nowMs);
      this.ladders.set(config.id, new Ladder(config, wallMs(nowMs)));
    }
    this.#follow();
  }

  removeLadder(id: string): void {
    this.ladders.get(id)?.close(this.#resources.clockMs());
    this.ladders.delete(id);
    this.#follow();
  }

  setSpeaking(legIds: readonly string[]): void {
    this.#speaking = legIds;
    for (const person of this.#everyone) person.speaking = legIds.includes(person.id);
  }

  /** Between frames: decodes what was held back, asks for key frames. */
  poll(nowMs: number): void {
    const anyPort = this.#streams[0]?.outbound.port ?? 0;
    for (const person of this.#everyone) {
      const port = person.stream?.outbound.port ?? anyPort;
      person.camera?.poll(nowMs, port);
      person.screen?.poll(nowMs, port);
    }
  }

  /** One frame of `frameRate` a second. */
  tick(nowMs: number, wallMs: number, frameRate: number): void {
    this.#frameCredit += Math.min(1, this.frameRate / frameRate);
    if (this.#frameCredit < 0.999) return;
    this.#frameCredit -= 1;
    this.#framesToPlan -= 1;
    if (this.#changed || this.#framesToPlan <= 0) this.#replan(nowMs);
    const ownRate = Math.min(frameRate, this.frameRate);
    // All are asked before any is made: a stream that goes over in this frame must know.
    for (const view of this.views.all) if (view.advance(nowMs, ownRate)) this.#resources.framesComposed += 1;
    for (const view of this.views.all) view.produce(this.people, nowMs, wallMs);
    for (const stream of this.#streams) stream.tick(wallMs, this.#resources.out);
    this.views.sweep();
  }

  /** The view of this name, drawn. A view that nobody gets is drawn for this once. */
  drawn(name: string): View | undefined {
    const { alternateFor } = this.#plan;
    const { held } = this.people.get(name)?.config ?? {};
    const view =
      this.views.find(held === undefined ? name : slateName(held.lines)) ??
      (name === 'alternate' && alternateFor !== undefined ? this.views.find(alternateFor) : undefined);
    const nowMs = this.#resources.clockMs();
    if (view !== undefined) {
      view.compose(this.people, nowMs);
      return view;
    }
    if (name !== 'shared') return undefined;
    if (this.#changed) this.#replan(nowMs);
    const extra = new View(name, this.#resources);
    extra.setTiles(this.#plan.stage.tiles, this.#picture, nowMs);
    extra.compose(this.people, nowMs);
    return extra;
  }

  close(): void {
    const nowMs = this.#resources.clockMs();
    this.#forward?.close();
    for (const person of this.people.values()) person.close(nowMs);
    for (const ladder of this.ladders.values()) ladder.close(nowMs);
    this.views.close();
  }

  /** Somebody or something came, went or is different. */
  #follow(): void {
    this.#changed = true;
    this.#everyone = [...this.people.values()];
    this.#present = new Map([...this.people].filter(([, { held }]) => !held));
    for (const person of this.#everyone) person.speaking = this.#speaking.includes(person.id);
    const own = this.#everyone.flatMap(({ stream }) => (stream === undefined ? [] : [stream]));
    this.#streams = [...own, ...[...this.ladders.values()].flatMap(({ streams }) => streams)];
    const shown = [...this.#present.values()].find(({ screen }) => screen !== undefined)?.screen;
    if (this.#forward?.source !== shown) {
      this.#forward?.close();
      this.#forward = shown === undefined ? undefined : new ScreenForward(shown, this.#resources);
    }
    this.#forward?.setLadders([...this.ladders.values()].filter(({ picture }) => picture === 'screen'));
  }

  #replan(nowMs: number): void {
    this.#framesToPlan = framesBetweenPlans;
    const sizes = this.#sourceSizes();
    const changed = this.#changed || sizes !== this.#sizes;
    this.#changed = false;
    this.#sizes = sizes;
    if (this.#plan.update(this.#picture, this.#present, this.#speaking, nowMs, changed)) {
      this.views.arrange(this.#picture, this.#plan, this.people, [...this.ladders.values()], nowMs);
      for (const view of this.views.all) {
        view.setTiles(this.#tilesOf(view), this.#picture, nowMs);
      }
      this.#tellStage();
    }
    for (const person of this.#everyone) this.#want(person, nowMs);
  }

  #tilesOf({ slate, without }: View): readonly StageTile[] {
    if (slate !== undefined) return [];
    return without === undefined ? this.#plan.stage.tiles : this.#plan.tilesWithout(without);
  }

  /** Another when the shape of some picture is. */
  #sourceSizes(): number {
    let sizes = 0;
    for (const { camera, screen } of this.#everyone) {
      sizes = (Math.imul(sizes, 31) + (camera?.width ?? 0) * 5 + (camera?.height ?? 0)) | 0;
      sizes = (Math.imul(sizes, 31) + (screen?.width ?? 0) * 5 + (screen?.height ?? 0)) | 0;
    }
    return sizes;
  }

  #tellStage(): void {
    const text = JSON.stringify(this.#plan.stage);
    if (text === this.#told) return;
    this.#told = text;
    this.#events.onStage(this.id, this.#plan.stage);
  }

  /** Decodes what is seen, and tells in which size it should come. */
  #want(person: VideoPerson, nowMs: number): void {
    const { camera, screen, wanted } = person;
    if (camera !== undefined) {
      if (wanted.camera.update(this.#seenHeight(person.id, 'camera'), nowMs))
        this.#events.onWanted(person.id, 'camera', wanted.camera.height);
      camera.setDecoded(wanted.camera.height > 0);
    }
    if (screen === undefined) return;
    const seen = this.#seenHeight(person.id, 'screen');
    const forwarded = this.#forward?.source === screen && this.#forward.watched;
    if (wanted.screen.update(forwarded ? sharpHeight : seen, nowMs))
      this.#events.onWanted(person.id, 'screen', wanted.screen.height);
    screen.setDecoded(seen > 0);
  }

  /** The largest that somebody gets to see of it, in pixels. */
  #seenHeight(legId: string, source: 'camera' | 'screen'): number {
    let most = 0;
    for (const { tiles, largest } of this.views.all) {
      for (const tile of tiles) {
        if (tile.legId !== legId || tile.source !== source) continue;
        most = Math.max(most, Math.round(tile.height * largest));
      }
    }
    return most;
  }
}
