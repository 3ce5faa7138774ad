import type { RosterParticipant } from './wire.ts';

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

/** How the audio does, apart from the signaling. */
export type MediaState = 'connecting' | 'connected' | 'interrupted';

/** All that a page shows of a call. Replaced as a whole on every change. */
export interface CallState {
  readonly phase: CallPhase;
  readonly roomTitle: string | undefined;
  readonly zoneName: string | undefined;
  readonly selfId: string | undefined;
  readonly participants: readonly RosterParticipant[];
  readonly muted: boolean;
  readonly media: MediaState;
  readonly remoteStream: MediaStream | undefined;
}

export const initialCallState: CallState = {
  phase: { kind: 'joining' },
  roomTitle: undefined,
  zoneName: undefined,
  selfId: undefined,
  participants: [],
  muted: false,
  media: 'connecting',
  remoteStream: undefined,
};
