import type {
  AudioCodecName,
  Closable,
  LayoutName,
  SessionDescription,
  Stage,
  VideoCodecName,
} from '#kernel/index.ts';

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
  /** Absent: calls are audio only. */
  readonly video?: ZoneVideoOptions;
}

export interface ZoneVideoOptions {
  /** In order of preference; browsers are offered the first. */
  readonly codecs: readonly VideoCodecName[];
  /** 15..30 */
  readonly frameRate: number;
  /** Bits per second of the largest picture. */
  readonly maxBitrate: number;
  /** Views without one leg beside the shared one, in each conference. */
  readonly encodeBudget: number;
  /** Percent of what the mixer can do that may be planned with; over 100: more than it can do in time. */
  readonly maxLoadPercent: number;
  readonly banner?: { readonly text: string; readonly color: string };
}

/** How a conference's picture begins. */
export interface PictureOptions {
  readonly layout: LayoutName;
  /** Shown to who is alone: the first line large. */
  readonly welcome: readonly string[];
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
  /** What the shared picture shows has changed. */
  stage: [stage: Stage];
  /** This phone has no RTCP feedback: it must be asked for a key frame by signaling (RFC 5168). Once a second at most. */
  keyFrameWanted: [legId: string];
}

/** The media of one conference: legs join, everyone hears everyone but himself. */
export interface ConferenceMedia extends Closable {
  readonly id: string;
  /**
   * A leg for a far end that made an offer; `leg.local` is our answer. Throws `not-acceptable` when no codec or no
   * allowed security is in it, `busy` when no port is free.
   */
  answer(offer: SessionDescription, options: LegOptions): Promise<MediaLeg>;
  /** A leg for which we make the offer; `leg.local` is it, `leg.accept` takes the answer. */
  offer(kind: 'browser' | 'phone', options: LegOptions): Promise<MediaLeg>;
  setLayout(layout: LayoutName): Promise<void>;
  /** Shown alone and large, whoever speaks; undefined for nobody. */
  setSpotlight(legId: string | undefined): Promise<void>;
  /** Always on stage, before those who speak. */
  setPinned(legIds: readonly string[]): Promise<void>;
  /** Over the bottom of every picture of the room: a window that ends soon. Undefined for none. */
  setNotice(text: string | undefined): Promise<void>;
  /** JPEG of what `view` shows: `shared`, `alternate`, or the id of a leg with a view of its own. Throws `not-found`. */
  snapshot(view: string): Promise<Uint8Array>;
  on<E extends keyof ConferenceEvents>(event: E, listener: (...values: ConferenceEvents[E]) => void): void;
}

export interface LegOptions {
  /** Chosen by the caller, unique in the zone. */
  readonly id: string;
  /** RTP without SRTP, only where the zone names it. */
  readonly allowPlainRtp: boolean;
  /** Written on its tile. */
  readonly label: string;
  /** False: the call is audio only, whatever it offers. */
  readonly allowVideo: boolean;
  /** Begins outside of the room: see `MediaLeg.hold`. */
  readonly held?: Slate;
}

/** What somebody sees who is not in the room yet: text on a plain ground, the first line large. */
export interface Slate {
  readonly lines: readonly string[];
}

export interface MediaLeg extends Closable {
  readonly id: string;
  /** What our SDP says. Changes with `renegotiate` and `reoffer`. */
  readonly local: SessionDescription;
  /** The answer to our offer. Throws `not-acceptable`. */
  accept(answer: SessionDescription): Promise<void>;
  /** The far end offers again (hold, resume, other codec): applies it and returns our new answer. */
  renegotiate(offer: SessionDescription): Promise<SessionDescription>;
  /** After `reoffer`: a fresh transport, and the offer for it. */
  reoffer(): Promise<SessionDescription>;
  /** Muted: nobody hears this leg, and its packets do not reach the mixer. */
  setMuted(muted: boolean): Promise<void>;
  /** Off: its tile shows at once that the camera is off, whatever still arrives. On by default. */
  setCamera(on: boolean): Promise<void>;
  /** On: what arrives in its screen section is shown to all. One leg at a time: the conference's owner sees to that. */
  setSharing(on: boolean): Promise<void>;
  /** Audio only from now on: neither seen nor sent pictures, at once. The next offer or answer of `local` says so. */
  dropVideo(): Promise<void>;
  /** It asked for a key frame by signaling (RFC 5168). */
  requestKeyFrame(): Promise<void>;
  /**
   * With a slate: outside of the room, though connected: it is neither heard nor seen nor on any layout, hears only what `play` plays to it, and sees
   * the slate. Undefined: in the room.
   */
  hold(slate: Slate | undefined): Promise<void>;
  /**
   * Plays 48 kHz mono 16-bit samples to this leg alone, over the room if it is in it (the room is quieter meanwhile). Resolves when it has ended or was
   * stopped by another `play` or `stopPlaying`.
   */
  play(samples: Int16Array): Promise<void>;
  stopPlaying(): Promise<void>;
  /** Written on its tile from now on. */
  setLabel(label: string): Promise<void>;
  stats(): Promise<LegStats>;
}

export interface LegStats {
  readonly codec: AudioCodecName;
  /** Name of the SRTP suite, `DTLS-SRTP` where the worker negotiated it (it does not say which), or `none`. */
  readonly srtp: string;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly packetsSent: number;
  /** The most CSRCs (RFC 3550 §5.1) that one audio packet of the last minute had: people mixed behind the leg. */
  readonly contributors: number;
  /** Round-trip time when RTCP told one. */
  readonly roundTripMs?: number;
  /** Absent when the call has no video. */
  readonly video?: VideoLegStats;
}

export interface VideoLegStats {
  readonly codec: VideoCodecName;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly packetsSent: number;
  /** Bits per second now. */
  readonly bitrateReceived: number;
  readonly bitrateSent: number;
}
