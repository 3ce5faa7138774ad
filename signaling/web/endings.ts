import type { ErrorCode, TerminationCause } from '#kernel/index.ts';

interface Ending {
  /** Trying again by itself, after a pause, has a chance. */
  readonly mayRetry: boolean;
}

const endings = {
  'remote-hangup': { mayRetry: false },
  'local-hangup': { mayRetry: false },
  cancelled: { mayRetry: false },
  'not-found': { mayRetry: false },
  forbidden: { mayRetry: false },
  'identity-missing': { mayRetry: false },
  'pin-failed': { mayRetry: false },
  locked: { mayRetry: false },
  'lobby-refused': { mayRetry: false },
  'lobby-timeout': { mayRetry: false },
  removed: { mayRetry: false },
  'conference-ended': { mayRetry: false },
  'duration-over': { mayRetry: false },
  'policy-ended': { mayRetry: false },
  'window-ended': { mayRetry: false },
  'logged-out': { mayRetry: false },
  declined: { mayRetry: false },
  'no-answer': { mayRetry: false },
  unreachable: { mayRetry: false },
  busy: { mayRetry: true },
  'no-capacity': { mayRetry: true },
  'not-acceptable': { mayRetry: false },
  'bad-request': { mayRetry: false },
  'zone-draining': { mayRetry: true },
  'server-stopping': { mayRetry: true },
  'media-timeout': { mayRetry: true },
  'transport-lost': { mayRetry: true },
  'worker-lost': { mayRetry: true },
  'ack-timeout': { mayRetry: true },
  'session-expired': { mayRetry: true },
  failed: { mayRetry: true },
} as const satisfies Record<TerminationCause, Ending>;

/** What a browser may do after a call ended this way. */
export function endingOf(cause: TerminationCause): Ending {
  return endings[cause];
}

/** How a thing that was thrown while a browser joins shows to it. */
export const causesOfErrors = {
  'config-invalid': 'failed',
  'invalid-argument': 'failed',
  'bad-message': 'bad-request',
  'bad-description': 'not-acceptable',
  'not-acceptable': 'not-acceptable',
  'not-found': 'not-found',
  forbidden: 'forbidden',
  busy: 'busy',
  timeout: 'ack-timeout',
  unreachable: 'worker-lost',
  closed: 'transport-lost',
  unavailable: 'zone-draining',
  internal: 'failed',
} as const satisfies Record<ErrorCode, TerminationCause>;
