import type { AudioDescription } from '#kernel/index.ts';

/** Which half of the exchange a text is (RFC 3264): defaults and what is allowed differ. */
export type SessionRole = 'offer' | 'answer';

/** Why an audio section is of no use to us. */
export type AudioObstacle =
  | 'disabled' // port 0
  | 'transport' // neither RTP nor SRTP over UDP
  | 'codec' // no codec that we know
  | 'security'; // SRTP, but no key or fingerprint that we can use

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
  /** Set for audio sections that are not usable. */
  readonly obstacle?: AudioObstacle;
}

/** A far end's session description after parsing: everything that an answer needs, nothing else. */
export interface RemoteSession {
  readonly sections: readonly RemoteSection[];
  /** Section index of the audio that we use; absent when there is none. */
  readonly audioIndex?: number;
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
