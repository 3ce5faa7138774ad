import type { AudioCodecName, AudioDescription, Closable } from '#kernel/index.ts';

/** What a zone host asks of its media. All of it survives the death of a worker or of the mixer. */
export interface ZoneMediaOptions {
  /** Address that media sockets bind to. */
  readonly address: string;
  /** Address written into SDP when it differs (NAT); else `address`. */
  readonly announcedAddress?: string;
  /** UDP ports for phones, inclusive; even ports carry RTP. */
  readonly ports: { readonly min: number; readonly max: number };
  /** The one UDP and TCP port for all browsers of the zone. */
  readonly webRtcPort: number;
  /** In order of preference. */
  readonly audioCodecs: readonly AudioCodecName[];
  /** How many voices are heard at once in a conference. */
  readonly maxTalkers: number;
}

export interface ConferenceEvents {
  /** Legs that are heard now, loudest first. Emitted when the list changes. */
  speaking: [legIds: readonly string[]];
  /** A DTMF digit from a telephone-event or, once per press, from a browser. */
  digit: [legId: string, digit: string];
  /**
   * The far end of this leg must be given a new offer: its DTLS association went with a worker (browsers, phones with DTLS-SRTP).
   * Legs with SDES or without SRTP go on by themselves.
   */
  reoffer: [legId: string];
  /**
   * Nothing has arrived on this leg for `silentMs`, not even RTCP, and it is not on hold. From 10 s on, every few
   * seconds until something comes.
   */
  stalled: [legId: string, silentMs: number];
}

/** The media of one conference: legs join, everyone hears everyone but himself. */
export interface ConferenceMedia extends Closable {
  readonly id: string;
  /**
   * A leg for a far end that made an offer; `leg.local` is our answer. Throws `not-acceptable` when no codec or no
   * allowed security is in it, `busy` when no port is free.
   */
  answer(offer: AudioDescription, options: LegOptions): Promise<MediaLeg>;
  /** A leg for which we make the offer; `leg.local` is it, `leg.accept` takes the answer. */
  offer(kind: 'browser' | 'phone', options: LegOptions): Promise<MediaLeg>;
  on<E extends keyof ConferenceEvents>(event: E, listener: (...values: ConferenceEvents[E]) => void): void;
}

export interface LegOptions {
  /** Chosen by the caller, unique in the zone. */
  readonly id: string;
  /** RTP without SRTP, only where the zone names it. */
  readonly allowPlainRtp: boolean;
}

export interface MediaLeg extends Closable {
  readonly id: string;
  /** What our SDP says. Changes with `renegotiate` and `reoffer`. */
  readonly local: AudioDescription;
  /** The answer to our offer. Throws `not-acceptable`. */
  accept(answer: AudioDescription): Promise<void>;
  /** The far end offers again (hold, resume, other codec): applies it and returns our new answer. */
  renegotiate(offer: AudioDescription): Promise<AudioDescription>;
  /** After `reoffer`: a fresh transport, and the offer for it. */
  reoffer(): Promise<AudioDescription>;
  /** Muted: nobody hears this leg, and its packets do not reach the mixer. */
  setMuted(muted: boolean): Promise<void>;
  stats(): Promise<LegStats>;
}

export interface LegStats {
  readonly codec: AudioCodecName;
  /** Name of the SRTP suite, `DTLS-SRTP` where the worker negotiated it (it does not say which), or `none`. */
  readonly srtp: string;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly packetsSent: number;
  /** Round-trip time when RTCP told one. */
  readonly roundTripMs?: number;
}
