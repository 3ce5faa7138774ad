import type { ReceivedMedia } from './MediaPeer.ts';
import type { RosterParticipant, StageMessage, WaitingPerson } from './wire.ts';

export type CallPhase =
  /** The first attempt is under way. */
  | { readonly kind: 'joining' }
  | PinPhase
  /** A host must let us in, or only be there. */
  | { readonly kind: 'lobby'; readonly until: 'admitted' | 'host' }
  /** The person must log in at this path of the server's, and then come back. The call is over. */
  | { readonly kind: 'login'; readonly path: string }
  | { readonly kind: 'joined' }
  /** Waiting until `retryAtMs` (of Date.now), or trying when that is past. `attempt` counts from 1. */
  | {
      readonly kind: 'reconnecting';
      readonly text: string;
      readonly attempt: number;
      readonly attempts: number;
      readonly retryAtMs: number;
    }
  | { readonly kind: 'over'; readonly how: Ending; readonly text: string; readonly mayRejoin: boolean };

/** The room asks for a PIN or a code. */
export interface PinPhase {
  readonly kind: 'pin';
  /** The one before was not right. */
  readonly wrong: boolean;
  /** Before this time of Date.now another one does not count. */
  readonly retryAtMs: number;
  /** Fewest and most digits. */
  readonly digits: readonly [number, number];
  /** Who has none comes in as a guest. */
  readonly mayBeGuest: boolean;
  /** One is on its way. */
  readonly checking: boolean;
}

/** A sentence for this person alone. */
export interface PersonalNotice {
  readonly id: number;
  readonly text: string;
}

export type Ending = 'left' | 'refused' | 'ended' | 'given-up';

/** How sound and picture do, apart from the signaling. */
export type MediaState = 'connecting' | 'connected' | 'interrupted';

/** All that a page shows of a call. Replaced as a whole on every change. */
export interface CallState {
  readonly phase: CallPhase;
  readonly roomTitle: string | undefined;
  readonly zoneName: string | undefined;
  readonly selfId: string | undefined;
  /** May choose the layout and who is on stage. */
  readonly host: boolean;
  readonly participants: readonly RosterParticipant[];
  /** Who waits in the lobby; told to hosts only. */
  readonly waiting: readonly WaitingPerson[];
  /** Nobody comes in any more but by a host's word. */
  readonly locked: boolean;
  /** What everybody is told of the room: that its time ends soon. */
  readonly roomNotice: string | undefined;
  /** Oldest first, until they are dismissed. */
  readonly notices: readonly PersonalNotice[];
  readonly muted: boolean;
  /** Our camera is on. */
  readonly camera: boolean;
  /** We share a screen. */
  readonly sharing: boolean;
  /** The call has a picture; false for audio only and until the first offer. */
  readonly video: boolean;
  readonly media: MediaState;
  /** What the picture shows; undefined until the server has said so. */
  readonly stage: StageMessage | undefined;
  readonly remoteStream: MediaStream | undefined;
  readonly pictureStream: MediaStream | undefined;
  readonly alternateStream: MediaStream | undefined;
  readonly screenStream: MediaStream | undefined;
}

/** Where each of them is in the state. */
export const streamNames = {
  sound: 'remoteStream',
  picture: 'pictureStream',
  alternate: 'alternateStream',
  screen: 'screenStream',
} as const satisfies Record<ReceivedMedia, keyof CallState>;

/** The streams of one connection, before it has any. */
export const noStreams = {
  remoteStream: undefined,
  pictureStream: undefined,
  alternateStream: undefined,
  screenStream: undefined,
} as const;

/** What is known of a room before it has said so. */
export const unknownRoom = {
  participants: [],
  stage: undefined,
  waiting: [],
  locked: false,
  roomNotice: undefined,
  notices: [],
} as const;

export const initialCallState: CallState = {
  phase: { kind: 'joining' },
  roomTitle: undefined,
  zoneName: undefined,
  selfId: undefined,
  host: false,
  ...unknownRoom,
  muted: false,
  camera: false,
  sharing: false,
  video: false,
  media: 'connecting',
  ...noStreams,
};
