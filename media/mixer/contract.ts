import type { AudioCodecName, Closable, LayoutName, Stage, VideoCodecName } from '#kernel/index.ts';

/** One leg as the mixer sees it. RTP comes from and goes to mediasoup-worker on 127.0.0.1. */
export interface MixerLeg {
  readonly id: string;
  readonly conferenceId: string;
  readonly codec: AudioCodecName;
  readonly payloadType: number;
  readonly telephoneEventPayloadType?: number;
  /** 8000 when absent. */
  readonly telephoneEventClockRateHz?: number;
  /** What the leg's voice arrives with. Absent while nothing is received from it. */
  readonly inbound?: {
    readonly ssrc: number;
    /** Id of the RFC 6464 audio-level header extension, when the sender uses it. */
    readonly audioLevelId?: number;
  };
  /** The leg's own stream for life. */
  readonly outbound: {
    readonly ssrc: number;
    /** UDP port on 127.0.0.1. */
    readonly port: number;
    /** Random; the mixer adds the wall clock, so a restarted mixer goes on ahead of where the old one stopped. */
    readonly sequenceOffset: number;
    readonly timestampOffset: number;
  };
  /** Samples of this leg are not mixed and it is never a talker. */
  readonly muted: boolean;
  /** Outside of the room: neither heard nor a talker, and it hears nothing but what is played to it. Absent: false. */
  readonly held?: boolean;
}

/** A video stream that arrives from mediasoup-worker. */
export interface VideoInbound {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly codec: VideoCodecName;
  /** H.264 `sprop-parameter-sets` of the far end's SDP (RFC 6184 §8.1), for senders that do not repeat them in band. */
  readonly parameterSets?: string;
  /** Id of the urn:3gpp:video-orientation header extension, when the sender uses it. */
  readonly orientationId?: number;
}

/** A stream of one picture that the mixer sends to mediasoup-worker. */
export interface VideoStreamStart {
  readonly ssrc: number;
  /** UDP port on 127.0.0.1. */
  readonly port: number;
  readonly payloadType: number;
  readonly codec: VideoCodecName;
  /** Random; the mixer adds the wall clock, so a restarted mixer goes on ahead of where the old one stopped. */
  readonly sequenceOffset: number;
  readonly timestampOffset: number;
}

/** Heights of a ladder's encodings in pixels, the smallest first; 16:9. */
export const rungHeights = [180, 360, 720] as const;
export type RungHeight = (typeof rungHeights)[number];

/**
 * One person on the picture: every leg of a conference with video, also those without a camera. `id` is that of its MixerLeg.
 */
export interface MixerVideoLeg {
  readonly id: string;
  readonly conferenceId: string;
  /** Browsers cover their own tile with their own camera; a phone on stage gets a view without itself while the budget lasts. */
  readonly kind: 'browser' | 'phone';
  /** Written on the tile; any Unicode. */
  readonly label: string;
  readonly muted: boolean;
  /** Outside of the room: on no picture, and a phone sees these lines alone, the first one large. */
  readonly held?: { readonly lines: readonly string[] };
  /** Absent while nothing is received, or the camera is off. */
  readonly camera?: VideoInbound;
  /** A shared screen. */
  readonly screen?: VideoInbound;
  /** A phone's own stream for life: the mixer chooses what encoded picture goes into it. `maxHeight` is the largest rung it may get. */
  readonly outbound?: VideoStreamStart & { readonly maxHeight: RungHeight; readonly maxBitrate?: number };
}

/**
 * What the browsers behind one router share. `shared`: the room's picture as a simulcast producer with one encoding per rung;
 * `alternate`: the picture without `alternateFor`, one encoding, sent only while there is such a leg that is a browser;
 * `screen`: the shared screen as its sender encoded it, forwarded, one encoding.
 */
export interface MixerLadder {
  readonly id: string;
  readonly conferenceId: string;
  readonly picture: 'shared' | 'alternate' | 'screen';
  /** One for each rung, the smallest first; only one for `alternate` and `screen`. All of one codec. */
  readonly encodings: readonly VideoStreamStart[];
}

/** What the picture of a conference looks like. */
export interface MixerPicture {
  readonly conferenceId: string;
  /** Index of the video thread; the conference's video is sent to and from its port, see `Mixer.videoPorts`. */
  readonly thread: number;
  readonly layout: LayoutName;
  /** Shown alone and large, whoever speaks. */
  readonly spotlight?: string;
  /** Always on stage, in this order, before those who speak. */
  readonly pinned: readonly string[];
  readonly banner?: { readonly text: string; /** `#rrggbb` */ readonly color: string };
  /** Over the bottom of every picture of the room. */
  readonly notice?: string;
  /** Shown to who is alone: the first line large. */
  readonly welcome: readonly string[];
  /** 15..30 */
  readonly frameRate: number;
  /** Bits per second of the 720p rung; the others follow from it. */
  readonly maxBitrate: number;
  /** How many views without one leg may be encoded beside the shared one. */
  readonly encodeBudget: number;
}

/** What the mixer can do and does, in percent of one core. */
export interface VideoLoad {
  /** Measured at start, times the threads; 0 until it is known. */
  readonly capacityPercent: number;
  /** By what is on the pictures now. */
  readonly plannedPercent: number;
  /** What one more costs at most. */
  readonly perCameraPercent: number;
  readonly perViewPercent: number;
  /** Frames that came out late in the last seconds, 0..1. */
  readonly lateFraction: number;
}

export interface MixerVideoStats {
  readonly load: VideoLoad;
  readonly views: number;
  /** Encoders that exist, by codec; a ladder of three rungs is three. */
  readonly encoders: Readonly<Record<VideoCodecName, number>>;
  /** Distinct views times codecs: each is one ladder or, for a view without one leg, one encoding. */
  readonly ladders: number;
  readonly decoders: number;
  readonly frameRate: number;
  /** CPU spent since the start, milliseconds, all threads together. */
  readonly stageMs: Readonly<Record<'decode' | 'compose' | 'scale' | 'encode' | 'rtp', number>>;
  readonly framesComposed: number;
  readonly framesLate: number;
  readonly framesSkipped: number;
  /** From a camera frame's arrival to the departure of the first picture with it. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly packetsReceived: number;
  readonly packetsSent: number;
}

export interface MixerEvents {
  /** Emitted when the set or its order changes; loudest first. */
  speaking: [conferenceId: string, legIds: readonly string[]];
  digit: [legId: string, digit: string, durationMs: number];
  /** The most CSRCs of a packet of the last minute. Emitted every second, for legs that have any and once for those that had. */
  contributors: [legId: string, count: number];
  /** Emitted when what the shared picture shows has changed. */
  stage: [conferenceId: string, stage: Stage];
  /**
   * How large a leg's camera or screen is needed, pixels of height; 0 when nobody sees it, so that it need not be sent to
   * the mixer. Emitted when it changes, and once when a leg's stream is set.
   */
  wanted: [legId: string, source: 'camera' | 'screen', height: number];
  /** Every second or so. */
  load: [load: VideoLoad];
  /** The process died and is back, with all legs restored on the same port. */
  restarted: [];
}

export interface MixerStats {
  readonly legs: number;
  readonly ticks: number;
  /** Ticks that were mixed late, to catch up, and ticks given up because the clock was too far ahead. */
  readonly ticksLate: number;
  readonly ticksSkipped: number;
  /** Encodes of the most recent tick, by codec. */
  readonly encodesPerTick: Readonly<Record<AudioCodecName, number>>;
  readonly latenessMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** CPU of the mixer process since it started. */
  readonly cpuMs: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly perLeg: readonly MixerLegStats[];
  readonly video: MixerVideoStats;
}

export interface MixerLegStats {
  readonly id: string;
  readonly jitterBufferMs: number;
  readonly concealed: number;
  readonly recoveredByFec: number;
  readonly late: number;
  readonly duplicates: number;
  /** dBFS of the last tick, -127 for silence. */
  readonly levelDb: number;
}

/** By how much later than its packets a leg's voice is heard; one thread of the mixer tells it the others. */
export interface VoiceDelay {
  readonly id: string;
  readonly delayMs: number;
}

/** Something that is played to a leg. */
export interface Playback {
  /** It is over: it ended, was stopped, or the leg or the mixer process went. Never rejects. */
  readonly ended: Promise<void>;
}

/** The zone host's handle on the mixer process: restarts it, restores its legs. */
export interface Mixer extends Closable {
  /** UDP port on 127.0.0.1 that RTP for the mixer goes to; the same for life. */
  readonly rtpPort: number;
  readonly pid: number;
  /** UDP ports on 127.0.0.1 of the video threads; the same for life. */
  readonly videoPorts: readonly number[];
  /** Adds the leg, or replaces what is known of it without a gap in its outgoing stream. */
  setLeg(leg: MixerLeg): Promise<void>;
  removeLeg(legId: string): Promise<void>;
  setMuted(legId: string, muted: boolean): Promise<void>;
  setHeld(legId: string, held: boolean): Promise<void>;
  /**
   * Plays 48 kHz mono samples to this leg alone, in place of what plays. The samples must not change from then on. Resolves when
   * it has begun. Throws `not-found`.
   */
  play(legId: string, samples: Int16Array): Promise<Playback>;
  stopPlaying(legId: string): Promise<void>;
  /** 0..1, as the far end reports; steers in-band FEC. */
  setPacketLoss(legId: string, fraction: number): Promise<void>;
  /** Makes the conference's picture, or changes it. Before its first video leg. */
  setPicture(picture: MixerPicture): Promise<void>;
  /** After its last video leg and ladder. */
  removePicture(conferenceId: string): Promise<void>;
  /** Adds the person, or replaces what is known of it without a gap in its outgoing stream. */
  setVideoLeg(leg: MixerVideoLeg): Promise<void>;
  removeVideoLeg(legId: string): Promise<void>;
  setLadder(ladder: MixerLadder): Promise<void>;
  removeLadder(ladderId: string): Promise<void>;
  /** Rungs of a shared ladder that somebody watches now; the others may be sent at a low frame rate. */
  setDemand(ladderId: string, rungs: readonly boolean[]): Promise<void>;
  /** A phone that has no RTCP feedback asked for a key frame by signaling (RFC 5168). */
  requestKeyFrame(legId: string): Promise<void>;
  /** JPEG of what `view` shows now: `shared`, `alternate`, or the id of a leg that has a view of its own. Throws `not-found`. */
  snapshot(conferenceId: string, view: string): Promise<Uint8Array>;
  stats(): Promise<MixerStats>;
  on<E extends keyof MixerEvents>(event: E, listener: (...values: MixerEvents[E]) => void): void;
}
