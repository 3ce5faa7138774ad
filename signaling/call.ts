import type { LayoutName, SessionDescription, Stage, Termination } from '#kernel/index.ts';

/** What was negotiated on the signaling connection; kept with the call for policy, record and page. */
export interface TlsInfo {
  /** `TLSv1.3` */
  readonly version: string;
  readonly cipher: string;
  /** Key exchange group: `X25519MLKEM768`, `X25519`, … */
  readonly group?: string;
  readonly serverName?: string;
  /** Of the peer, as it was shown; absent when none was. */
  readonly peerCertificate?: PeerCertificateInfo;
}

/** How a revocation list names a certificate. */
export interface CertificateReference {
  /** The issuer's name as it is encoded (DER), in base64. */
  readonly issuer: string;
  /** Hexadecimal, without zeros in front. */
  readonly serial: string;
}

/** What a peer's certificate says and what TLS made of it; whether it is evidence is for the zone to judge (RFC 5922). */
export interface PeerCertificateInfo {
  readonly fingerprint256: string;
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal, as Node writes it. */
  readonly serialNumber: string;
  /** The certificate itself, and those of CAs that it was shown with. Absent: it is on no connection. */
  readonly chain?: readonly CertificateReference[];
  /** Its chain ends at a CA of ours and is in date, and nothing on it was found to be revoked. */
  readonly verified: boolean;
  /** Milliseconds since 1970: a connection may outlive its certificate. Absent: `verified` is all that is known of its time. */
  readonly validToMs?: number;
  /** The code of what verification found wrong, as OpenSSL names it: `CERT_HAS_EXPIRED`, `CERT_REVOKED`, … Of several, one. */
  readonly fault?: string;
  /** SIP domains by RFC 5922 §7.1, in lower case; empty when no name of it counts. */
  readonly sipDomains: readonly string[];
  /** Object identifiers of its extended key usage; absent when it has none (any use). */
  readonly extendedKeyUsage?: readonly string[];
}

/** A person who has logged in by the browser, or answered a digest challenge. */
export interface AuthenticatedPerson {
  readonly method: 'oidc' | 'digest';
  /** Issuer and subject, or realm and user name: unique together. */
  readonly issuer: string;
  readonly subject: string;
  readonly name?: string;
  readonly email?: string;
  readonly groups: readonly string[];
  /** Session at the issuer, by which a logout finds the call. */
  readonly sessionId?: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs?: number;
}

/**
 * Why credentials that a phone may have sent do not count. `missing`: there are none. `slowed`: nobody looked at them, because too many from there
 * were wrong.
 */
export type LoginFault = 'missing' | 'wrong' | 'stale' | 'unusable' | 'slowed';

/** Where a call comes from. Never leaves the zone, never above `debug` in a log. */
export interface CallOrigin {
  readonly transport: 'tls' | 'tcp' | 'udp' | 'ws';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly tls?: TlsInfo;
  readonly userAgent?: string;
  /** The caller as he names himself: a SIP URI without parameters; absent for browsers. */
  readonly uri?: string;
  readonly person?: AuthenticatedPerson;
  /** Why there is no person, where the zone has accounts for phones (SIP digest). For the record only. */
  readonly loginFault?: LoginFault;
  /** What the far end said or did that tells what it is: `isfocus`, `allow-events=conference`, `server=…`, `sdp-ssrcs=5`. */
  readonly signs: readonly string[];
  /** How many its focus says are in its conference (RFC 4575), this zone's leg included. Known in the course of the call. */
  readonly announced?: number;
  /** It asked that its identity be kept from others (RFC 3323 `Privacy`). */
  readonly wantsPrivacy: boolean;
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
  /** Of a host too: lets somebody in who waits, or refuses him. */
  admitWaiting(participantId: string, admit: boolean): void;
  /** Nobody comes in any more but by a host's word. */
  setLocked(locked: boolean): void;
  removeParticipant(participantId: string): void;
  muteParticipant(participantId: string): void;
  endConference(): void;
  /** Calls somebody into the room: a SIP URI. The call appears in the roster, or a notice says why not. */
  dial(uri: string): void;
  /** The far end asks for a key frame by signaling (RFC 5168). */
  keyFrameWanted(): void;
  /** The far end could not use our description and asks for another offer. */
  reofferWanted(): void;
  /** A digit that came by signaling (SIP INFO); RTP events come through media. */
  digit(digit: string): void;
}

/** Somebody in the lobby, as hosts see him. */
export interface WaitingEntry {
  readonly id: string;
  readonly name: string;
  readonly kind: 'browser' | 'phone';
  /** Of his backend or party, for example `partner: acme` or `several people behind this call`. */
  readonly label?: string;
  readonly sinceMs: number;
}

/** What everyone in a room is told of the room itself. */
export interface RoomState {
  readonly locked: boolean;
  /** Shown on top of the picture: a window that ends soon, the last host has left. */
  readonly notice?: string;
}

/** What a caller must do before he is let in. */
export type Gate =
  /**
   * `wrong`: the one before was not right. `mayRetryInMs`: how long to wait before the next one counts. `mayBeGuest`: the empty code is
   * an answer, of who comes as a guest.
   */
  | {
      readonly kind: 'pin';
      readonly wrong: boolean;
      readonly mayRetryInMs: number;
      readonly digits: readonly [number, number];
      readonly mayBeGuest?: boolean;
    }
  /** `until`: a host has admitted him, or is only there. */
  | { readonly kind: 'lobby'; readonly until?: 'admitted' | 'host' }
  /** The person must log in: a path of the page's own origin. Ends the call; the browser comes back with evidence. */
  | { readonly kind: 'login'; readonly path: string };

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
  readonly role: 'host' | 'guest';
  /** Of its party and of what stands behind it, by the zone's policy. */
  readonly label?: string;
}

/** Somebody who wants into a room, by SIP or by browser: the zone sees one kind of call. */
export interface Call {
  readonly id: string;
  readonly protocol: 'sip' | 'web';
  /** `out`: we called. Such a call is admitted already when it is handed over: `admit` only joins it to its endpoint. */
  readonly direction: 'in' | 'out';
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
  /**
   * Before `admit`, browsers only: shows what must be done first. For `pin` resolves with what was typed. A phone is asked by voice after
   * `admit`, so it has no such gate. Rejects with `closed` when the caller leaves.
   */
  pass?(gate: Gate): Promise<string>;
  /** After `admit`: says goodbye (BYE with Reason, WebSocket message and close). */
  hangup(termination: Termination): Promise<void>;
  /** Puts a new offer to the far end after its transport was lost; resolves once it has accepted. */
  reoffer(endpoint: Endpoint): Promise<void>;
  /** Who is in the room, for a far end that can show it. */
  showRoster(selfId: string, roster: readonly RosterEntry[]): void;
  /** What the shared picture shows, and which of the pictures this far end is to show. */
  showStage(selfId: string, stage: Stage): void;
  /** Who waits in the lobby, for hosts. */
  showWaiting(waiting: readonly WaitingEntry[]): void;
  showRoomState(state: RoomState): void;
  /** He may direct the room from now on, or no longer. */
  showRole(isHost: boolean): void;
  /** A host has muted him. */
  showMuted(): void;
  /** A sentence for this person alone: why his dial-out failed, that his time ends. */
  showNotice(text: string): void;
  /** Somebody else shares a screen now, or the share was ended by a host. */
  stopSharing(): void;
  /** Asks the far end for a key frame by signaling (RFC 5168). Absent: it cannot be asked so. */
  requestKeyFrame?(): void;
}

/** What is known of a caller whatever becomes of his call. */
export type CallerFacts = Pick<Call, 'room' | 'direction' | 'protocol' | 'displayName' | 'origin'>;

/** An attempt that signaling has refused by itself, since it could be no call of the zone. */
export interface RefusedAttempt extends CallerFacts {
  readonly because: Termination;
}

/** Called for each new call; must end in `admit` or `refuse`. */
export type CallHandler = (call: Call) => void;
