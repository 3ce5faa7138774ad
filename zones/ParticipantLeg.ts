import { setTimeout as delay } from 'node:timers/promises';
import { Closable, ZonebridgeError, errorText, type Log, type SessionDescription } from '#kernel/index.ts';
import type { LegStats, MediaLeg, Slate } from '#media/index.ts';
import type { Endpoint, RosterEntry } from '#signaling/call.ts';
import { LatestWish } from './LatestWish.ts';

/** The media leg of one participant, from before it is made: what was wished of it meanwhile follows then. */
export class ParticipantLeg extends Closable implements Endpoint {
  readonly muted = this.#wish('muting', false, (leg, muted) => leg.setMuted(muted));
  readonly camera = this.#wish('turning the camera on or off', true, (leg, on) => leg.setCamera(on));
  readonly #log: Log;
  readonly #onChange: () => void;
  #making: Promise<MediaLeg> | undefined;
  #leg: MediaLeg | undefined;
  #askingForKeyFrame = false;

  /** `onChange` is called when the far end has offered again, which may turn its camera on or off. */
  constructor(log: Log, onChange: () => void) {
    super();
    this.#log = log;
    this.#onChange = onChange;
  }

  get local(): SessionDescription {
    return this.#made.local;
  }

  /** Whether the far end could share a screen. */
  get hasScreen(): boolean {
    return this.#leg?.local.screen !== undefined;
  }

  /** `none` also while the leg is not made. */
  get cameraState(): RosterEntry['camera'] {
    const video = this.#leg?.local.video;
    if (video === undefined) return 'none';
    const arrives = video.direction === 'sendrecv' || video.direction === 'recvonly';
    return arrives && this.camera.value ? 'on' : 'off';
  }

  async make(makeLeg: () => Promise<MediaLeg>): Promise<void> {
    this.#making = makeLeg();
    this.#leg = await this.#making;
  }

  accept(answer: SessionDescription): Promise<void> {
    return this.#made.accept(answer);
  }

  async renegotiate(offer: SessionDescription): Promise<SessionDescription> {
    const answer = await this.#made.renegotiate(offer);
    this.#onChange();
    return answer;
  }

  async setSharing(on: boolean): Promise<void> {
    if (!this.closed) await this.#leg?.setSharing(on);
  }

  /** Outside of the room with a slate; without one in it. */
  async hold(slate: Slate | undefined): Promise<void> {
    await this.#made.hold(slate);
  }

  /** Resolves when it was played, or the leg is gone. */
  async play(samples: Int16Array): Promise<void> {
    if (!this.closed) await this.#leg?.play(samples);
  }

  /** The same, but what comes after it does not wait longer than this, nor for a failure. */
  async playAtMost(samples: Int16Array, longestMs: number): Promise<void> {
    const given = new AbortController();
    const late = delay(longestMs, undefined, { signal: given.signal }).catch(() => undefined);
    const played = this.play(samples).catch((error: unknown) => this.#failed('playing a prompt', error));
    await Promise.race([played, late]);
    given.abort();
  }

  async stopPlaying(): Promise<void> {
    if (!this.closed) await this.#leg?.stopPlaying();
  }

  /** Undefined while there is none. */
  async stats(): Promise<LegStats | undefined> {
    return this.closed ? undefined : this.#leg?.stats();
  }

  async relabel(label: string): Promise<void> {
    if (this.closed) return;
    await this.#leg
      ?.setLabel(label)
      .catch((error: unknown) => this.#failed('writing another label on a tile', error));
  }

  /** One that comes while the media is being told needs no telling of its own. */
  requestKeyFrame(): void {
    if (this.#leg === undefined || this.#askingForKeyFrame || this.closed) return;
    this.#askingForKeyFrame = true;
    this.#leg
      .requestKeyFrame()
      .catch((error: unknown) => this.#failed('asking for a key frame', error))
      .finally(() => (this.#askingForKeyFrame = false));
  }

  /** Neither seen nor sent pictures from now on; `local` says so in the next offer. */
  async dropVideo(): Promise<void> {
    await this.#made.dropVideo();
  }

  /** `local` is a new offer then. */
  async reoffer(): Promise<void> {
    await this.#made.reoffer();
  }

  /** A leg that is still being made cannot be closed yet, and must not outlive its participant. */
  protected async release(reason: string): Promise<void> {
    // Whoever had it made is told of its failure.
    const leg = await this.#making?.catch(() => undefined);
    await leg?.close(reason);
  }

  get #made(): MediaLeg {
    if (this.#leg === undefined) throw new ZonebridgeError('internal', 'the leg has not been made');
    return this.#leg;
  }

  #wish(
    what: string,
    initial: boolean,
    apply: (leg: MediaLeg, wished: boolean) => Promise<void>,
  ): LatestWish<boolean> {
    return new LatestWish({
      initial,
      apply: async (wished) => {
        const leg = this.#leg ?? (await this.#making?.catch(() => undefined));
        if (leg !== undefined) await apply(leg, wished);
      },
      failed: (error) => this.#failed(what, error),
    });
  }

  #failed(what: string, error: unknown): void {
    if (!this.closed) this.#log.warn({ error: errorText(error) }, `${what} failed`);
  }
}
