/** How a call ended or why it was refused: one typed verdict for the SIP code, the record and the log line. */
export const terminationCauses = [
  'remote-hangup', // the far end said goodbye
  'local-hangup', // the participant pressed leave, or a host removed him
  'cancelled', // the caller gave up before the answer
  'not-found', // no such room
  'forbidden', // policy refused
  'identity-missing', // the room asks for a proof that the caller did not give
  'pin-failed', // no right PIN or code came
  'locked', // the room takes nobody any more
  'lobby-refused', // a host said no
  'lobby-timeout', // nobody admitted him in time
  'removed', // a host removed him
  'conference-ended', // the last host left, or a host ended it
  'duration-over', // the room's longest duration
  'policy-ended', // decided again during the call: no longer allowed
  'window-ended', // the time for which it was allowed is over
  'logged-out', // the person's session ended at the identity provider
  'declined', // the one who was called said no
  'no-answer', // the one who was called did not answer in time
  'unreachable', // the one who was called could not be reached
  'busy', // the room or the zone is full
  'no-capacity', // one more video call would be too much for the mixer
  'not-acceptable', // no codec, no acceptable media security
  'bad-request', // the request or its SDP could not be understood
  'zone-draining', // the zone takes no new calls, or ends those it has
  'server-stopping', // the program was asked to stop
  'media-timeout', // no media arrived for too long
  'transport-lost', // the signaling connection is gone
  'worker-lost', // a process of ours died and the call could not be kept
  'ack-timeout', // the answer was never acknowledged
  'session-expired', // RFC 4028: no refresh came
  'failed', // a defect of ours
] as const;

export type TerminationCause = (typeof terminationCauses)[number];

/** `detail` is for the zone's own log and record only; a far end is told `terminationTexts[cause]`. */
export interface Termination {
  readonly cause: TerminationCause;
  readonly detail?: string;
}

export function termination(cause: TerminationCause, detail?: string): Termination {
  return detail === undefined ? { cause } : { cause, detail };
}

/** A sentence that a person at the far end can use. An unknown room and a refused call read the same. */
export const terminationTexts = {
  'remote-hangup': 'The call has ended',
  'local-hangup': 'The call has ended',
  cancelled: 'The call was cancelled',
  'not-found': 'This meeting cannot be joined. Check the address with whoever invited you',
  forbidden: 'This meeting cannot be joined. Check the address with whoever invited you',
  'identity-missing': 'This meeting cannot be joined. Check the address with whoever invited you',
  'pin-failed': 'This meeting cannot be joined. Check the address with whoever invited you',
  locked: 'This meeting cannot be joined. Check the address with whoever invited you',
  'lobby-refused': 'This meeting cannot be joined. Check the address with whoever invited you',
  'lobby-timeout': 'Nobody let you in. Try again later',
  removed: 'A host has removed you from the meeting',
  'conference-ended': 'The meeting has ended',
  'duration-over': 'The meeting has reached its longest duration',
  'policy-ended': 'You may no longer be in this meeting',
  'window-ended': 'The time of this meeting is over',
  'logged-out': 'You have been logged out',
  declined: 'The call was declined',
  'no-answer': 'The call was not answered',
  unreachable: 'The other side cannot be reached',
  busy: 'The meeting is full. Try again later',
  'no-capacity': 'The server has no room for another video call. Try again later, or dial in without video',
  'not-acceptable': 'No common codec or media encryption. Turn on SRTP and Opus, G.722 or G.711',
  'bad-request': 'The request could not be understood',
  'zone-draining': 'The server is being serviced. Try again in a few minutes',
  'server-stopping': 'The server is stopping',
  'media-timeout': 'No audio or video arrived for too long',
  'transport-lost': 'The connection was lost',
  'worker-lost': 'The server lost a part of itself. Please dial again',
  'ack-timeout': 'The answer was not acknowledged',
  'session-expired': 'The session was not refreshed',
  failed: 'The server failed. Please dial again',
} as const satisfies Record<TerminationCause, string>;
