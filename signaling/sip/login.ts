import type { AuthenticatedPerson, LoginFault } from '../call.ts';
import type { Refusal } from './endings.ts';

/** Who says what credentials in an INVITE are worth (RFC 3261 §22, RFC 8760). */
export interface CallerLogin {
  judge(attempt: LoginAttempt): LoginVerdict;
  /** Values of WWW-Authenticate, in the order in which a phone should prefer them. `stale`: the password was not what was wrong. */
  challenges(source: string, stale: boolean): readonly string[];
}

export interface LoginAttempt {
  readonly method: string;
  /** The Authorization fields, joined with commas; absent when there is none. */
  readonly authorization: string | undefined;
  /** The caller's address. */
  readonly source: string;
}

export type LoginVerdict =
  { readonly person: AuthenticatedPerson } | { readonly fault: LoginFault; readonly retryInMs: number };

/**
 * Asks who is refused, and has not shown who he is, to log in. It takes the place of the answer that unknown rooms and refused calls share, so that it
 * tells nobody whether there is such a room.
 */
export function askedToLogIn(
  refusal: Refusal,
  verdict: LoginVerdict,
  login: CallerLogin,
  source: string,
): Refusal {
  if (refusal.status !== 404 || 'person' in verdict) return refusal;
  const { fault, retryInMs } = verdict;
  if (fault === 'slowed') {
    const headers = { 'Retry-After': String(Math.ceil(retryInMs / 1000)) };
    return { status: 480, phrase: 'Temporarily Unavailable', headers };
  }
  const challenges = login.challenges(source, fault === 'stale');
  return { status: 401, phrase: 'Unauthorized', headers: { 'WWW-Authenticate': challenges.join(', ') } };
}
