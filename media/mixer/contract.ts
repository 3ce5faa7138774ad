import type { AudioCodecName, Closable } from '#kernel/index.ts';

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
}

export interface MixerEvents {
  /** Emitted when the set or its order changes; loudest first. */
  speaking: [conferenceId: string, legIds: readonly string[]];
  digit: [legId: string, digit: string, durationMs: number];
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

/** The zone host's handle on the mixer process: restarts it, restores its legs. */
export interface Mixer extends Closable {
  /** UDP port on 127.0.0.1 that RTP for the mixer goes to; the same for life. */
  readonly rtpPort: number;
  readonly pid: number;
  /** Adds the leg, or replaces what is known of it without a gap in its outgoing stream. */
  setLeg(leg: MixerLeg): Promise<void>;
  removeLeg(legId: string): Promise<void>;
  setMuted(legId: string, muted: boolean): Promise<void>;
  /** 0..1, as the far end reports; steers in-band FEC. */
  setPacketLoss(legId: string, fraction: number): Promise<void>;
  stats(): Promise<MixerStats>;
  on<E extends keyof MixerEvents>(event: E, listener: (...values: MixerEvents[E]) => void): void;
}
