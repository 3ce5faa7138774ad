import type { VideoCodecName } from '#kernel/index.ts';
import type { VideoEncoder } from '../../native/index.ts';
import type { RungHeight } from '../contract.ts';
import { createEncoder } from './createEncoder.ts';
import { rungWidths } from './pictureSizes.ts';
import type { PictureStream } from './PictureStream.ts';
import { KeyFramePace } from './rtp/KeyFramePace.ts';
import type { VideoResources } from './resources.ts';

/** Key frames are large: all who ask within this time get one together. */
const keyFrameIntervalMs = 400;
/** An encoding that nobody watches, and a picture in which nothing moves, is sent at this share of the frame rate. */
export const slowShare = 6;
const timestampsPerMs = 90;

/** One encoder: a view in one codec and one size, for any number of streams. */
export class Encoding {
  readonly codec: VideoCodecName;
  readonly height: RungHeight;
  readonly #streams: PictureStream[] = [];
  readonly #encoder: VideoEncoder;
  readonly #resources: VideoResources;
  readonly #keyFrames = new KeyFramePace(keyFrameIntervalMs);
  readonly #startMs: number;
  #frameRate: number;
  #bitrate: number;
  /** Of the last frame, for the encoder; it must grow. */
  #timestamp = 0;
  #keyFrameDue = true;
  /** Since the last that was encoded, and how many must pass. */
  #frames = 0;
  #interval = 1;

  constructor(
    codec: VideoCodecName,
    height: RungHeight,
    bitrate: number,
    frameRate: number,
    resources: VideoResources,
    nowMs: number,
  ) {
    this.codec = codec;
    this.height = height;
    this.#resources = resources;
    this.#bitrate = bitrate;
    this.#frameRate = frameRate;
    this.#startMs = nowMs;
    this.#encoder = createEncoder(codec, { width: rungWidths[height], height, bitrate, frameRate });
    this.#keyFrames.request(nowMs);
  }

  get unused(): boolean {
    return this.#streams.length === 0;
  }

  add(stream: PictureStream): void {
    this.#streams.push(stream);
  }

  remove(stream: PictureStream): void {
    const index = this.#streams.indexOf(stream);
    if (index !== -1) this.#streams.splice(index, 1);
  }

  setBitrate(bitrate: number): void {
    if (bitrate === this.#bitrate) return;
    this.#bitrate = bitrate;
    this.#encoder.setBitrate(bitrate);
  }

  requestKeyFrame(nowMs: number): void {
    if (!this.#keyFrameDue && this.#keyFrames.request(nowMs)) this.#keyFrameDue = true;
  }

  /** What it encodes next, in this frame at the latest, is a key frame. */
  get keyFrameDue(): boolean {
    return this.#keyFrameDue;
  }

  /** The share of the frames that is wanted: every how manieth. */
  interval(nowMs: number, frameRate: number): number {
    let interval = frameRate;
    for (const stream of this.#streams) {
      const pace = stream.pace(nowMs);
      if (pace === 'full') return 1;
      if (pace === 'slow') interval = Math.min(interval, slowShare);
    }
    return interval;
  }

  /** A frame of the view passes. True when it is wanted, unless nothing has moved: then `isDue` tells. */
  advance(nowMs: number, frameRate: number): boolean {
    if (this.#keyFrames.due(nowMs)) this.#keyFrameDue = true;
    this.#frames += 1;
    this.#interval = this.interval(nowMs, frameRate);
    this.#planFor(frameRate / this.#interval);
    return this.isDue(1);
  }

  /** Whether this frame is encoded. `least`: every how manieth is enough, since nothing has moved in the picture. */
  isDue(least: number): boolean {
    return this.#keyFrameDue || this.#frames >= Math.max(this.#interval, least);
  }

  /** Encodes and hands out. False when the encoder made nothing of it. */
  encode(picture: Uint8Array, nowMs: number, wallMs: number): boolean {
    const { encoded, packetized, stageMs, clockMs, out } = this.#resources;
    const beforeMs = clockMs();
    const timestamp = Math.round((nowMs - this.#startMs) * timestampsPerMs);
    this.#timestamp = Math.max(this.#timestamp + 1, timestamp);
    const length = this.#encoder.encode(picture, this.#timestamp, this.#keyFrameDue, encoded);
    this.#frames = 0;
    const encodedMs = clockMs();
    stageMs.encode += encodedMs - beforeMs;
    if (length <= 0) return false;
    this.#keyFrameDue = false;
    const keyFrame = this.#encoder.keyFrame;
    packetized.split(this.codec, encoded, length);
    for (let index = this.#streams.length - 1; index >= 0; index -= 1) {
      this.#streams[index]?.take(this, packetized, keyFrame, wallMs, out);
    }
    out.flush();
    stageMs.rtp += clockMs() - encodedMs;
    return true;
  }

  close(): void {
    for (const stream of this.#streams) stream.drop(this);
    this.#streams.length = 0;
    this.#encoder.close();
  }

  /** Rate control is told of great changes only. */
  #planFor(frameRate: number): void {
    const rounded = Math.max(1, Math.round(frameRate));
    if (rounded === this.#frameRate) return;
    this.#frameRate = rounded;
    this.#encoder.setFrameRate(rounded);
  }
}
