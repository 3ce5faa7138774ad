import { ZonebridgeError } from '#kernel/index.ts';
import { native } from '../../native/index.ts';
import type { MixerLadder, MixerPicture, MixerVideoLeg, VideoStreamStart, VoiceDelay } from '../contract.ts';
import type { OutgoingPackets } from '../rtp/outgoing.ts';
import { emptyRtpPacket, parseRtp } from '../rtp/packet.ts';
import { FrameRateLimit } from './FrameRateLimit.ts';
import type { VideoThreadStats } from './load.ts';
import { pictureBytes, rungWidths } from './pictureSizes.ts';
import type { PictureStream } from './PictureStream.ts';
import { createResources, type VideoResources } from './resources.ts';
import { isRtcp, readFeedback } from './rtp/rtcp.ts';
import { usageOf } from './usage.ts';
import { VideoConference, type VideoConferenceEvents } from './VideoConference.ts';
import type { VideoSource } from './VideoSource.ts';

const snapshotHeight = 360;
const snapshotQuality = 80;

export interface VideoEngineOptions extends VideoConferenceEvents {
  readonly out: OutgoingPackets;
  /** The clock that arrivals and ticks are told on, milliseconds. */
  readonly clockMs: () => number;
  /** Milliseconds since the epoch. */
  readonly wallClockMs: () => number;
  /** Called within `tick`, after each encode: may `receive`. */
  readonly drain: () => void;
}

/** The pictures of all conferences of a thread, without sockets and timers: packets in, frames, packets out. */
export class VideoEngine {
  packetsReceived = 0;
  framesLate = 0;
  framesSkipped = 0;
  readonly #options: VideoEngineOptions;
  readonly #resources: VideoResources;
  readonly #limit = new FrameRateLimit();
  readonly #conferences = new Map<string, VideoConference>();
  #ticking: readonly VideoConference[] = [];
  readonly #conferenceOf = {
    leg: new Map<string, VideoConference>(),
    ladder: new Map<string, VideoConference>(),
  };
  /** By SSRC as a signed integer, which needs no number on the heap. */
  readonly #sources = new Map<number, VideoSource>();
  readonly #streams = new Map<number, PictureStream>();
  readonly #packet = emptyRtpPacket();
  #busyMs = 0;

  constructor(options: VideoEngineOptions) {
    this.#options = options;
    const offsetMs = options.wallClockMs() - options.clockMs();
    const { out, clockMs, drain } = options;
    this.#resources = createResources({ out, clockMs, drain, wallMs: (nowMs) => nowMs + offsetMs });
  }

  /** There is nothing to do. */
  get idle(): boolean {
    return this.#ticking.length === 0;
  }

  /** How often `tick` is to be called, per second: 30, or 15 when 30 are too much. */
  get frameRate(): number {
    return this.#limit.rate;
  }

  setPicture(picture: MixerPicture): void {
    const known = this.#conferences.get(picture.conferenceId);
    if (known !== undefined) known.setPicture(picture);
    else {
      const conference = new VideoConference(picture, this.#resources, this.#options);
      this.#conferences.set(conference.id, conference);
    }
    this.#index();
  }

  /** With all that belongs to it. No error when there is none. */
  removePicture(conferenceId: string): void {
    this.#conferences.get(conferenceId)?.close();
    this.#conferences.delete(conferenceId);
    this.#index();
  }

  /** Throws `invalid-argument` for what no packet could be sent with, `not-found` without a picture. */
  setVideoLeg(leg: MixerVideoLeg): void {
    if (leg.outbound !== undefined) check(leg.id, leg.outbound);
    this.#conference(leg.conferenceId).setLeg(leg);
    this.#index();
  }

  removeVideoLeg(legId: string): void {
    this.#conferenceOf.leg.get(legId)?.removeLeg(legId);
    this.#index();
  }

  setLadder(ladder: MixerLadder): void {
    for (const start of ladder.encodings) check(ladder.id, start);
    this.#conference(ladder.conferenceId).setLadder(ladder);
    this.#index();
  }

  removeLadder(ladderId: string): void {
    this.#conferenceOf.ladder.get(ladderId)?.removeLadder(ladderId);
    this.#index();
  }

  setDemand(ladderId: string, rungs: readonly boolean[]): void {
    this.#conferenceOf.ladder.get(ladderId)?.ladders.get(ladderId)?.setDemand(rungs);
  }

  requestKeyFrame(legId: string): void {
    const person = this.#conferenceOf.leg.get(legId)?.people.get(legId);
    person?.stream?.requestKeyFrame(this.#resources.clockMs());
  }

  setSpeaking(conferenceId: string, legIds: readonly string[]): void {
    this.#conferences.get(conferenceId)?.setSpeaking(legIds);
  }

  setVoiceDelays(delays: readonly VoiceDelay[]): void {
    for (const { id, delayMs } of delays) {
      this.#conferenceOf.leg.get(id)?.people.get(id)?.setVoiceDelay(delayMs);
    }
  }

  /** JPEG of a view. Throws `not-found`. */
  snapshot(conferenceId: string, name: string): Uint8Array {
    const view = this.#conference(conferenceId).drawn(name);
    if (view === undefined)
      throw new ZonebridgeError('not-found', `there is no view ${name} of ${conferenceId} now`);
    const width = rungWidths[snapshotHeight];
    const encoder = new native.JpegEncoder({ width, height: snapshotHeight, quality: snapshotQuality });
    const out = new Uint8Array(pictureBytes(width, snapshotHeight));
    try {
      const length = encoder.encode(view.picture(snapshotHeight), out);
      if (length < 0) throw new ZonebridgeError('internal', `the picture could not be encoded: ${length}`);
      return out.subarray(0, length);
    } finally {
      encoder.close();
    }
  }

  /** One datagram from `port`. `arrivalMs` on the clock that `tick` is told. Damaged and unknown ones are dropped. */
  receive(data: Uint8Array, offset: number, length: number, arrivalMs: number, port: number): void {
    this.packetsReceived += 1;
    if (isRtcp(data, offset, length)) readFeedback(data, offset, length, this.#onKeyFrameRequest);
    else if (parseRtp(data, offset, length, this.#packet))
      this.#sources.get(this.#packet.ssrc | 0)?.receive(this.#packet, data, arrivalMs, port);
  }

  /** Every few milliseconds, after what arrived. */
  poll(nowMs: number): void {
    for (const conference of this.#ticking) conference.poll(nowMs);
    this.#options.out.flush();
  }

  /** Makes the frame that was due at `dueMs`. */
  tick(dueMs: number, nowMs: number): void {
    const wallMs = this.#resources.wallMs(nowMs);
    for (const conference of this.#ticking) conference.tick(nowMs, wallMs, this.frameRate);
    this.#options.out.flush();
    const doneMs = Math.max(nowMs, this.#options.clockMs());
    const busyMs = sum(this.#resources.stageMs);
    if (this.#limit.observe(dueMs, doneMs, busyMs - this.#busyMs) && !this.idle) this.framesLate += 1;
    this.#busyMs = busyMs;
  }

  /** Frames that were not made. */
  skip(frames: number): void {
    if (this.idle) return;
    this.framesSkipped += frames;
    this.#limit.skip(frames);
  }

  stats(): VideoThreadStats {
    const { stageMs, latency, clockMs, framesComposed } = this.#resources;
    return {
      ...usageOf(this.#ticking, clockMs(), this.frameRate),
      lateFraction: this.#limit.lateFraction,
      frameRate: this.frameRate,
      stageMs: { ...stageMs },
      framesComposed,
      framesLate: this.framesLate,
      framesSkipped: this.framesSkipped,
      latencyMs: latency.summary(),
      packetsReceived: this.packetsReceived,
      packetsSent: this.#options.out.sent,
    };
  }

  close(): void {
    for (const conference of this.#conferences.values()) conference.close();
    this.#conferences.clear();
    this.#index();
  }

  readonly #onKeyFrameRequest = (ssrc: number): void => {
    this.#streams.get(ssrc | 0)?.requestKeyFrame(this.#resources.clockMs());
  };

  #conference(id: string): VideoConference {
    const conference = this.#conferences.get(id);
    if (conference === undefined) throw new ZonebridgeError('not-found', `there is no picture of ${id}`);
    return conference;
  }

  /** Who is found by what, anew. */
  #index(): void {
    this.#ticking = [...this.#conferences.values()];
    const { leg, ladder } = this.#conferenceOf;
    for (const map of [leg, ladder, this.#sources, this.#streams]) map.clear();
    for (const conference of this.#ticking) {
      for (const person of conference.people.values()) {
        leg.set(person.id, conference);
        for (const source of [person.camera, person.screen])
          if (source !== undefined) this.#sources.set(source.inbound.ssrc | 0, source);
        if (person.stream !== undefined) this.#streams.set(person.stream.outbound.ssrc | 0, person.stream);
      }
      for (const { id, streams } of conference.ladders.values()) {
        ladder.set(id, conference);
        for (const stream of streams) this.#streams.set(stream.outbound.ssrc | 0, stream);
      }
    }
  }
}

function sum(stageMs: Readonly<Record<string, number>>): number {
  return Object.values(stageMs).reduce((total, ms) => total + ms, 0);
}

function check(id: string, { port, payloadType }: VideoStreamStart): void {
  const isPort = Number.isInteger(port) && port >= 1 && port <= 65535;
  const isType = Number.isInteger(payloadType) && payloadType >= 0 && payloadType <= 127;
  if (isPort && isType) return;
  throw new ZonebridgeError(
    'invalid-argument',
    `${id}: port ${port} must be 1..65535 and payload type ${payloadType} 0..127`,
  );
}
