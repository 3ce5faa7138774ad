import type { LayoutName, SessionDescription, Stage, Termination } from '#kernel/index.ts';

/** What was negotiated on the signaling connection; kept with the call for policy, record and page. */
export interface TlsInfo {
  /** `TLSv1.3` */
  readonly version: string;
  readonly cipher: string;
  /** Key exchange group: `X25519MLKEM768`, `X25519`, … */
  readonly group?: string;
  readonly serverName?: string;
  /** SHA-256 of the client certificate and whether its chain was verified; absent when none was shown. */
  readonly clientCertificate?: {
    readonly fingerprint256: string;
    readonly subject: string;
    readonly verified: boolean;
  };
}

/** Where a call comes from. Never leaves the zone, never above `debug` in a log. */
export interface CallOrigin {
  readonly transport: 'tls' | 'tcp' | 'udp' | 'ws';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly tls?: TlsInfo;
  readonly userAgent?: string;
  /** The caller as he names himself: a SIP URI without parameters; absent for browsers. */
  readonly uri?: string;
}

/** The part of a media leg that offer and answer need. */
export interface Endpoint {
  readonly local: SessionDescription;
  accept(answer: SessionDescription): Promise<void>;
  renegotiate(offer: SessionDescription): Promise<SessionDescription>;
}

/** What the zone is to an admitted call. */
export interface CallOwner {
  /** The caller's id in the roster. */
  readonly participantId: string;
  readonly roomTitle: string;
  readonly zoneName: string;
  /** May choose the layout and who is on stage. */
  readonly isHost: boolean;
  /** Called once, whoever ended it. The signaling side is already released. */
  ended(termination: Termination): void;
  /** The participant asked to be muted or heard (browser button). */
  setMuted(muted: boolean): void;
  /** The participant turned the camera on or off. */
  setCamera(on: boolean): void;
  /** The participant begins or ends to share a screen; who shared before ends. */
  setSharing(on: boolean): void;
  /** Of a host; from anybody else these do nothing. */
  setLayout(layout: LayoutName): void;
  /** Shown alone and large; undefined for nobody. */
  setSpotlight(participantId: string | undefined): void;
  setPinned(participantId: string, pinned: boolean): void;
  /** The far end asks for a key frame by signaling (RFC 5168). */
  keyFrameWanted(): void;
  /** The far end could not use our description and asks for another offer. */
  reofferWanted(): void;
  /** A digit that came by signaling (SIP INFO); RTP events come through media. */
  digit(digit: string): void;
}

export interface RosterEntry {
  readonly id: string;
  readonly name: string;
  readonly kind: 'browser' | 'phone';
  readonly muted: boolean;
  readonly speaking: boolean;
  /** `on`: its camera is shown; `off`: it has one that is off; `none`: the call has no video. */
  readonly camera: 'on' | 'off' | 'none';
  readonly sharing: boolean;
  readonly pinned: boolean;
  readonly spotlight: boolean;
}

/** Somebody who wants into a room, by SIP or by browser: the zone sees one kind of call. */
export interface Call {
  readonly id: string;
  readonly protocol: 'sip' | 'web';
  /** Name of the room that was asked for: user part of the Request-URI, last part of the page's path. */
  readonly room: string;
  readonly displayName: string;
  readonly origin: CallOrigin;
  /** Absent: we make the offer (browsers, SIP INVITE without SDP). */
  readonly offer?: SessionDescription;
  /** True once it ended, for example because the caller cancelled while the zone was still deciding. */
  readonly ended: boolean;

  /**
   * Answers with the endpoint's description. Resolves when the far end has all it needs (ACK, browser's answer);
   * rejects and ends the call when it does not come.
   */
  admit(endpoint: Endpoint, owner: CallOwner): Promise<void>;
  /** Before `admit`: says no. What the far end is told depends on the cause alone. */
  refuse(termination: Termination): Promise<void>;
  /** After `admit`: says goodbye (BYE with Reason, WebSocket message and close). */
  hangup(termination: Termination): Promise<void>;
  /** Puts a new offer to the far end after its transport was lost; resolves once it has accepted. */
  reoffer(endpoint: Endpoint): Promise<void>;
  /** Who is in the room, for a far end that can show it. */
  showRoster(selfId: string, roster: readonly RosterEntry[]): void;
  /** What the shared picture shows, and which of the pictures this far end is to show. */
  showStage(selfId: string, stage: Stage): void;
  /** Somebody else shares a screen now, or the share was ended by a host. */
  stopSharing(): void;
  /** Asks the far end for a key frame by signaling (RFC 5168). Absent: it cannot be asked so. */
  requestKeyFrame?(): void;
}

/** Called for each new call; must end in `admit` or `refuse`. */
export type CallHandler = (call: Call) => void;
