import type { RosterParticipant, StageMessage } from './wire.ts';

export type CallPhase =
  /** The first attempt is under way. */
  | { readonly kind: 'joining' }
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

/** The streams of one connection, before it has any. */
export const noStreams = {
  remoteStream: undefined,
  pictureStream: undefined,
  alternateStream: undefined,
  screenStream: undefined,
} as const;

export const initialCallState: CallState = {
  phase: { kind: 'joining' },
  roomTitle: undefined,
  zoneName: undefined,
  selfId: undefined,
  host: false,
  participants: [],
  muted: false,
  camera: false,
  sharing: false,
  video: false,
  media: 'connecting',
  stage: undefined,
  ...noStreams,
};
