import { setTimeout as sleep } from 'node:timers/promises';
import { createLog, videoCodecNames, type VideoCodecName } from '#kernel/index.ts';
import { rungHeights } from '#media/mixer/contract.ts';
import { ChildMixer, type MixerStats, type MixerVideoLeg } from '#media/mixer/index.ts';
import { Cameras } from './Cameras.ts';
import type { Clip } from './clip.ts';
import { Crowd } from './Crowd.ts';
import { addVoices } from './mixer.ts';

const conferenceId = 'bench';
const firstLadder = 0x2000;
const firstPhone = 0x4000;

export interface VideoRoomOptions {
  /** People with a camera; VP8 and H.264 in turn. */
  readonly senders: number;
  readonly clips: Readonly<Record<VideoCodecName, readonly Clip[]>>;
  readonly voice: readonly Uint8Array[];
  readonly encodeBudget?: number;
}

export interface Interval {
  readonly after: MixerStats;
  readonly before: MixerStats;
  readonly elapsedMs: number;
  /** Of each codec's largest picture, frames a second. */
  readonly frameRate: Readonly<Record<VideoCodecName, number>>;
}

/** A room in a real mixer process, whose far ends are in this one: three talk, and both codecs' ladders are watched. */
export class VideoRoom implements AsyncDisposable {
  readonly #resources: AsyncDisposableStack;
  readonly #mixer: ChildMixer;
  readonly #cameras: Cameras;

  static async open(options: VideoRoomOptions): Promise<VideoRoom> {
    await using stack = new AsyncDisposableStack();
    const mixer = stack.use(await ChildMixer.start({ maxTalkers: 3, log: createLog('error') }));
    const crowd = stack.use(new Crowd(options.senders, options.voice, mixer.rtpPort));
    const room = new VideoRoom(mixer, stack.use(new Cameras()), stack.move());
    await addVoices(mixer, crowd.port, options.senders);
    await room.#furnish(options);
    return room;
  }

  private constructor(mixer: ChildMixer, cameras: Cameras, resources: AsyncDisposableStack) {
    this.#mixer = mixer;
    this.#cameras = cameras;
    this.#resources = resources;
  }

  /** Somebody who only watches, by a stream of its own. */
  async addWatchingPhone(index: number, codec: VideoCodecName): Promise<void> {
    await this.#mixer.setVideoLeg({
      ...person(`watcher ${index}`, 'phone'),
      outbound: { ...this.#cameras.stream(codec, firstPhone + index), maxHeight: 720 },
    });
  }

  /** Frames that all of these phones together have got. */
  framesWatched(phones: number): number {
    let frames = 0;
    for (let index = 0; index < phones; index += 1) frames += this.#cameras.framesOf(firstPhone + index);
    return frames;
  }

  /** Which rungs of both ladders somebody watches. */
  async demand(rungs: readonly boolean[]): Promise<void> {
    for (const codec of videoCodecNames) await this.#mixer.setDemand(codec, rungs);
  }

  stats(): Promise<MixerStats> {
    return this.#mixer.stats();
  }

  async measure(measureMs: number): Promise<Interval> {
    const before = await this.#mixer.stats();
    const frames = this.#topFrames();
    const startedMs = performance.now();
    await sleep(measureMs);
    const after = await this.#mixer.stats();
    const elapsedMs = performance.now() - startedMs;
    const now = this.#topFrames();
    const rate = (codec: VideoCodecName): number => ((now[codec] - frames[codec]) * 1000) / elapsedMs;
    return { before, after, elapsedMs, frameRate: { VP8: rate('VP8'), H264: rate('H264') } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #furnish({ senders, clips, encodeBudget = 4 }: VideoRoomOptions): Promise<void> {
    const look = {
      layout: 'auto',
      pinned: [],
      welcome: ['Bench'],
      frameRate: 30,
      maxBitrate: 1_500_000,
    } as const;
    await this.#mixer.setPicture({ conferenceId, thread: 0, encodeBudget, ...look });
    const port = this.#mixer.videoPorts[0] ?? 0;
    for (let index = 0; index < senders; index += 1) {
      const codec = videoCodecNames[index % 2] ?? 'VP8';
      const clip = clips[codec][Math.floor(index / 2) % clips[codec].length] ?? [];
      const camera = this.#cameras.add(codec, clip, port);
      await this.#mixer.setVideoLeg({ ...person(`leg ${index}`, 'browser'), camera });
    }
    for (const [index, codec] of videoCodecNames.entries()) {
      const encodings = rungHeights.map((_, rung) => this.#cameras.stream(codec, ladderSsrc(index, rung)));
      await this.#mixer.setLadder({ id: codec, conferenceId, picture: 'shared', encodings });
    }
  }

  #topFrames(): Record<VideoCodecName, number> {
    const top = (codec: VideoCodecName): number =>
      this.#cameras.framesOf(ladderSsrc(videoCodecNames.indexOf(codec), rungHeights.length - 1));
    return { VP8: top('VP8'), H264: top('H264') };
  }
}

function ladderSsrc(codecIndex: number, rung: number): number {
  return firstLadder + codecIndex * 16 + rung;
}

function person(id: string, kind: 'browser' | 'phone'): MixerVideoLeg {
  return { id, conferenceId, kind, label: id, muted: false };
}
