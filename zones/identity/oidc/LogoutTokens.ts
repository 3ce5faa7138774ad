import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { ZonebridgeError } from '#kernel/index.ts';
import type { LogoutSubject } from './BrowserSessions.ts';

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
/** Older tokens are not taken, so a token need not be remembered for longer. */
const maxAgeSeconds = 120;
const toleranceSeconds = 30;

export interface LogoutVerification {
  readonly issuer: string;
  readonly clientId: string;
  readonly keys: JWTVerifyGetKey;
  readonly algorithms: readonly string[];
}

export type LogoutVerdict =
  | { readonly kind: 'logout'; readonly logout: LogoutSubject }
  | { readonly kind: 'refused'; readonly reason: string };

/** Takes each logout token once (OpenID Connect Back-Channel Logout 1.0 §2.6). */
export class LogoutTokens {
  /** Ids of tokens that were taken, with the time until which they could be taken again. */
  readonly #taken = new Map<string, number>();

  /** Rejects with `unreachable` when the provider's keys cannot be had. */
  async take(
    token: string,
    { issuer, clientId, keys, algorithms }: LogoutVerification,
  ): Promise<LogoutVerdict> {
    try {
      // Signature, issuer, audience, iat and, where it is there, exp: providers older than the final text send none.
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: clientId,
        algorithms: [...algorithms],
        maxTokenAge: maxAgeSeconds,
        clockTolerance: toleranceSeconds,
        requiredClaims: ['jti', 'events'],
      });
      return this.#judge(payload, issuer);
    } catch (error) {
      if (error instanceof ZonebridgeError || !(error instanceof errors.JOSEError)) throw error;
      return { kind: 'refused', reason: error.code };
    }
  }

  #judge(payload: JWTPayload, issuer: string): LogoutVerdict {
    const { sub: subject, jti, sid, events, nonce } = payload;
    if (!isObject(events) || !isObject(events[logoutEvent])) return refused('it is no logout event');
    if (nonce !== undefined) return refused('it has a nonce, so it may be an ID token');
    const sessionId = typeof sid === 'string' ? sid : undefined;
    if (subject === undefined && sessionId === undefined)
      return refused('it names neither person nor session');
    if (typeof jti !== 'string' || this.#replayed(jti)) return refused('it was taken before');
    return { kind: 'logout', logout: { issuer, subject, sessionId } };
  }

  #replayed(id: string): boolean {
    const now = Date.now();
    for (const [old, untilMs] of this.#taken) if (untilMs < now) this.#taken.delete(old);
    if (this.#taken.has(id)) return true;
    // From the issuer's clock, which may be ahead of ours.
    this.#taken.set(id, now + (maxAgeSeconds + 2 * toleranceSeconds) * 1000);
    return false;
  }
}

function refused(reason: string): LogoutVerdict {
  return { kind: 'refused', reason };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
