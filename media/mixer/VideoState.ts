import { ZonebridgeError } from '#kernel/index.ts';
import type { MixerLadder, MixerPicture, MixerVideoLeg } from './contract.ts';

/** A request for one video thread. */
export interface VideoRequest {
  readonly thread: number;
  readonly method: string;
  readonly value: unknown;
}

/**
 * All that a new mixer process must be told of video: what was set and not removed. Each change is also the request
 * that tells it to the process there is. What belongs to an unknown conference throws `not-found`.
 */
export class VideoState {
  readonly #threads: number;
  readonly #pictures = new Map<string, MixerPicture>();
  readonly #legs = new Map<string, MixerVideoLeg>();
  readonly #ladders = new Map<string, MixerLadder>();
  readonly #demand = new Map<string, readonly boolean[]>();

  constructor(threads: number) {
    this.#threads = threads;
  }

  /** Throws `invalid-argument` for another thread than before, whose port its streams do not come to. */
  setPicture(picture: MixerPicture): VideoRequest {
    const { conferenceId, thread } = picture;
    const before = this.#pictures.get(conferenceId);
    if (!Number.isInteger(thread) || thread < 0 || thread >= this.#threads)
      throw new ZonebridgeError('invalid-argument', `the mixer has no video thread ${thread}`);
    if (before !== undefined && before.thread !== thread)
      throw new ZonebridgeError('invalid-argument', `${conferenceId} stays on video thread ${before.thread}`);
    this.#pictures.set(conferenceId, picture);
    return { thread, method: 'setPicture', value: picture };
  }

  removePicture(conferenceId: string): VideoRequest | undefined {
    const picture = this.#pictures.get(conferenceId);
    if (picture === undefined) return undefined;
    this.#pictures.delete(conferenceId);
    for (const leg of this.#legs.values()) {
      if (leg.conferenceId === conferenceId) this.#legs.delete(leg.id);
    }
    for (const ladder of this.#ladders.values()) {
      if (ladder.conferenceId === conferenceId) this.#forgetLadder(ladder.id);
    }
    return { thread: picture.thread, method: 'removePicture', value: conferenceId };
  }

  setLeg(leg: MixerVideoLeg): VideoRequest {
    const request = this.pictureRequest(leg.conferenceId, 'setVideoLeg', leg);
    this.#legs.set(leg.id, leg);
    return request;
  }

  removeLeg(legId: string): VideoRequest | undefined {
    const leg = this.#legs.get(legId);
    if (leg === undefined) return undefined;
    this.#legs.delete(legId);
    return this.pictureRequest(leg.conferenceId, 'removeVideoLeg', legId);
  }

  setLadder(ladder: MixerLadder): VideoRequest {
    const request = this.pictureRequest(ladder.conferenceId, 'setLadder', ladder);
    this.#ladders.set(ladder.id, ladder);
    return request;
  }

  removeLadder(ladderId: string): VideoRequest | undefined {
    const ladder = this.#ladders.get(ladderId);
    if (ladder === undefined) return undefined;
    this.#forgetLadder(ladderId);
    return this.pictureRequest(ladder.conferenceId, 'removeLadder', ladderId);
  }

  setDemand(ladderId: string, rungs: readonly boolean[]): VideoRequest {
    const ladder = this.#ladders.get(ladderId);
    if (ladder === undefined) throw new ZonebridgeError('not-found', `the mixer has no ladder ${ladderId}`);
    this.#demand.set(ladderId, rungs);
    return this.pictureRequest(ladder.conferenceId, 'setDemand', { ladderId, rungs });
  }

  legRequest(legId: string, method: string, value: unknown): VideoRequest {
    const leg = this.#legs.get(legId);
    if (leg === undefined) throw new ZonebridgeError('not-found', `the mixer has no video leg ${legId}`);
    return this.pictureRequest(leg.conferenceId, method, value);
  }

  pictureRequest(conferenceId: string, method: string, value: unknown): VideoRequest {
    const picture = this.#pictures.get(conferenceId);
    if (picture === undefined)
      throw new ZonebridgeError('not-found', `the mixer has no picture of ${conferenceId}`);
    return { thread: picture.thread, method, value };
  }

  /** Everything, in an order in which a new process can take it. */
  *requests(): Iterable<VideoRequest> {
    for (const picture of this.#pictures.values())
      yield { thread: picture.thread, method: 'setPicture', value: picture };
    for (const ladder of this.#ladders.values())
      yield this.pictureRequest(ladder.conferenceId, 'setLadder', ladder);
    for (const [ladderId, rungs] of this.#demand) {
      const ladder = this.#ladders.get(ladderId);
      if (ladder !== undefined)
        yield this.pictureRequest(ladder.conferenceId, 'setDemand', { ladderId, rungs });
    }
    for (const leg of this.#legs.values()) yield this.pictureRequest(leg.conferenceId, 'setVideoLeg', leg);
  }

  #forgetLadder(ladderId: string): void {
    this.#ladders.delete(ladderId);
    this.#demand.delete(ladderId);
  }
}
