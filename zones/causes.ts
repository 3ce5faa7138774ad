import { errorCodeOf, errorText, termination, type ErrorCode, type Termination } from '#kernel/index.ts';

/** Why a call that was admitted could not be set up, by what was thrown. */
const causes = {
  'config-invalid': 'failed',
  'invalid-argument': 'failed',
  'bad-message': 'bad-request',
  'bad-description': 'bad-request',
  'not-acceptable': 'not-acceptable',
  'not-found': 'not-found',
  forbidden: 'forbidden',
  busy: 'busy',
  timeout: 'failed',
  unreachable: 'worker-lost',
  closed: 'failed',
  unavailable: 'zone-draining',
  internal: 'failed',
} as const satisfies Record<ErrorCode, Termination['cause']>;

export function terminationOf(error: unknown): Termination {
  return termination(causes[errorCodeOf(error)], errorText(error));
}

/** Something that only a change of our code can mend, so somebody must look at it. */
export function isDefect(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'internal' || code === 'invalid-argument';
}
