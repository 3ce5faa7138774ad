/**
 * The shared vocabulary of a media session, free of SDP text and of any media library: `signaling/sdp` reads and
 * writes it, `media/transport` builds endpoints from it, and neither knows the other.
 */

/** Encoding names as registered for SDP rtpmap. */
export const audioCodecNames = ['opus', 'G722', 'PCMA', 'PCMU'] as const;
export type AudioCodecName = (typeof audioCodecNames)[number];

export interface AudioCodec {
  readonly name: AudioCodecName;
  /** 0..127, as the offer numbers it. */
  readonly payloadType: number;
  /** The RTP clock: 48000 for Opus, 8000 for G.711 and, by RFC 3551 §4.5.2, for G.722 too. */
  readonly clockRateHz: number;
  /** 2 for Opus whatever it carries (RFC 7587 §4.1), else 1. */
  readonly channels: 1 | 2;
  /** fmtp parameters as written, names in lower case; empty when there were none. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** RFC 4733 named events. */
export interface TelephoneEvent {
  readonly payloadType: number;
  readonly clockRateHz: number;
}

/** Sender's view, RFC 8866 §6.7, from the side that wrote the description. */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** SRTP crypto suites in our order of preference (RFC 7714, RFC 4568). */
export const srtpSuites = ['AEAD_AES_256_GCM', 'AES_CM_128_HMAC_SHA1_80'] as const;
export type SrtpSuite = (typeof srtpSuites)[number];

/** One `a=crypto` line: `key` is base64 of master key and salt together (RFC 4568 §9.2). */
export interface SdesKey {
  readonly tag: number;
  readonly suite: SrtpSuite;
  readonly key: string;
}

export interface DtlsFingerprint {
  /** As in SDP, lower case: `sha-256`. */
  readonly algorithm: string;
  /** Colon-separated upper-case hex. */
  readonly value: string;
}

/** `a=setup` of the side that wrote the description (RFC 4145). */
export type DtlsSetup = 'actpass' | 'active' | 'passive';

export interface IceCandidate {
  readonly foundation: string;
  readonly priority: number;
  readonly address: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
  readonly tcpType?: 'passive' | 'active' | 'so';
}

export interface IceParameters {
  readonly usernameFragment: string;
  readonly password: string;
  readonly lite: boolean;
  readonly candidates: readonly IceCandidate[];
}

/** How the media is protected, and what the other side must know of it. */
export type MediaSecurity =
  | { readonly kind: 'dtls'; readonly fingerprints: readonly DtlsFingerprint[]; readonly setup: DtlsSetup }
  | { readonly kind: 'sdes'; readonly keys: readonly SdesKey[] }
  | { readonly kind: 'none' };

/** Encoding names as registered for SDP rtpmap. */
export const videoCodecNames = ['VP8', 'H264'] as const;
export type VideoCodecName = (typeof videoCodecNames)[number];

/** RTCP feedback that we understand (RFC 4585, RFC 5104), as `a=rtcp-fb` writes it after the payload type. */
export const videoFeedbacks = ['nack', 'nack pli', 'ccm fir', 'goog-remb', 'transport-cc'] as const;
export type VideoFeedback = (typeof videoFeedbacks)[number];

/** Its RTP clock is 90000 Hz. */
export interface VideoCodec {
  readonly name: VideoCodecName;
  /** 0..127, as the offer numbers it. */
  readonly payloadType: number;
  /** fmtp parameters as written, names in lower case; empty when there were none. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What the writer of the description can handle for this codec, `*` lines included. */
  readonly feedback: readonly VideoFeedback[];
  /** Payload type of its retransmissions (RFC 4588), when the writer knows them. */
  readonly rtxPayloadType?: number;
}

/** RTP header extensions that we understand, by the id that the description gives them. */
export interface HeaderExtensions {
  /** urn:ietf:params:rtp-hdrext:ssrc-audio-level, RFC 6464. */
  readonly audioLevel?: number;
  /** urn:ietf:params:rtp-hdrext:sdes:mid, RFC 8843. */
  readonly mid?: number;
  /** http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01 */
  readonly transportCc?: number;
  /** http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time */
  readonly absSendTime?: number;
  /** urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id, RFC 8852; video only. */
  readonly rid?: number;
  /** urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id, RFC 8852; video only. */
  readonly repairedRid?: number;
  /** urn:3gpp:video-orientation, 3GPP TS 26.114; video only. */
  readonly videoOrientation?: number;
}

/** How one m-section's packets travel, as its writer describes it. */
export interface TransportDescription {
  readonly security: MediaSecurity;
  readonly ice?: IceParameters;
  /** Where the writer wants to receive; with ICE only a default. Port 9 or an unspecified address mean "unknown". */
  readonly address: string;
  readonly port: number;
  /** Set when RTCP does not share the RTP port: where it goes (RFC 3605, else RTP + 1). */
  readonly rtcpPort?: number;
  readonly rtcpMux: boolean;
}

/** What audio and video m-sections have in common. */
interface SectionDescription extends TransportDescription {
  readonly mid?: string;
  readonly direction: MediaDirection;
  /** The writer's own sending SSRC when he announced one (RFC 5576). */
  readonly ssrc?: number;
  readonly cname?: string;
  readonly headerExtensions: HeaderExtensions;
}

/** One audio m-section as its writer describes himself. */
export interface AudioDescription extends SectionDescription {
  /** In the writer's order of preference; only codecs that we know. */
  readonly codecs: readonly AudioCodec[];
  readonly telephoneEvent?: TelephoneEvent;
  /** Packet time that the writer wants to receive, milliseconds. */
  readonly ptimeMs?: number;
}

/** One video m-section as its writer describes himself. */
export interface VideoDescription extends SectionDescription {
  /** In the writer's order of preference; only codecs that we know. */
  readonly codecs: readonly VideoCodec[];
  /** The SSRC of the writer's retransmissions (RFC 4588 with an FID group, RFC 5576 §4.2). */
  readonly rtxSsrc?: number;
  /**
   * RFC 8853: streams of one source in several sizes, the smallest first. In an offer of ours what we take, in an answer
   * what the far end sends. Absent without simulcast.
   */
  readonly rids?: readonly string[];
  /** The most that the writer wants to receive, bits per second: b=TIAS (RFC 3890), else b=AS. */
  readonly maxBitrate?: number;
  /** `a=content:slides` (RFC 4796). Absent: the main video. */
  readonly content?: 'slides';
}

/**
 * A whole description: what a far end says of itself, or we of us. Video is there when it was offered and can be used; a refused
 * section is an absent one.
 */
export interface SessionDescription {
  readonly audio: AudioDescription;
  /** The camera on the way in, the mixed picture on the way out. */
  readonly video?: VideoDescription;
  /** Browsers: a shared screen, either way. */
  readonly screen?: VideoDescription;
  /** Browsers: the mixed picture without this person, which is shown to the one who would fill it. We send only. */
  readonly alternate?: VideoDescription;
}
