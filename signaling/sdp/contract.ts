import type { AudioDescription, VideoDescription } from '#kernel/index.ts';

/** Which half of the exchange a text is (RFC 3264): defaults and what is allowed differ. */
export type SessionRole = 'offer' | 'answer';

/** A browser gets offers of ours, with fixed sections; a phone has its own idea of a session. */
export type FarEnd = 'browser' | 'phone';

/** The sections of an offer to a browser, by mid (`signaling/web/protocol.ts`). */
export const browserMids = { video: '1', screen: '2', alternate: '3' } as const;

/** What audio and video sections have in common. */
export type CommonDescription = Omit<AudioDescription, 'codecs' | 'telephoneEvent' | 'ptimeMs'>;

/** Why a section is of no use to us. */
export type Obstacle =
  | 'disabled' // port 0
  | 'transport' // neither RTP nor SRTP over UDP
  | 'codec' // no codec that we know
  | 'security'; // SRTP, but no key or fingerprint that we can use; video that is protected otherwise than the audio

/** One m-section of the far end, in its order. */
export interface RemoteSection {
  /** `audio`, `video`, `application`, … */
  readonly kind: string;
  readonly mid?: string;
  /** As written: `RTP/SAVP`, `UDP/TLS/RTP/SAVPF`, `UDP/BFCP`, … */
  readonly protocol: string;
  /** Format list as written, kept for the m-line of a rejected section. */
  readonly formats: string;
  /** Port 0: offered as refused. */
  readonly disabled: boolean;
  /** Set for one section only: the first usable one with SRTP, else the first usable one. */
  readonly audio?: AudioDescription;
  /** Set for the sections that the session's indices name. */
  readonly video?: VideoDescription;
  /** Set for audio and video sections that are not usable. */
  readonly obstacle?: Obstacle;
}

/** Which of the sections we use; absent where there is none. */
export interface UsedSections {
  readonly audioIndex?: number;
  /** The main video: the first usable one that is no `content:slides`; a browser's by its mid. */
  readonly videoIndex?: number;
  /** Of browsers only. */
  readonly screenIndex?: number;
  readonly alternateIndex?: number;
}

/** A far end's session description after parsing: everything that an answer needs, nothing else. */
export interface RemoteSession extends UsedSections {
  readonly sections: readonly RemoteSection[];
  /** MIDs of the BUNDLE group that our audio is in, else of the first one. */
  readonly bundle: readonly string[];
}

/** Our side of the o= line. Constants apart from these, so that nothing identifies the zone's inside. */
export interface LocalOrigin {
  /** Random, numeric, constant for the dialog (RFC 8866 §5.2). */
  readonly sessionId: string;
  /** Incremented whenever our description changes (RFC 3264 §8). */
  readonly sessionVersion: number;
}
