import { randomBytes } from 'node:crypto';
import type { AuthenticatedPerson } from '#signaling/call.ts';

const maxSessions = 20_000;
/** A person has a few browsers; a script that logs in for ever must not push out the others. */
const maxOfOnePerson = 20;

/** Whom a logout is about. One of the two may be missing, then it is about all sessions of the other. */
export interface LogoutSubject {
  readonly issuer: string;
  readonly subject?: string | undefined;
  readonly sessionId?: string | undefined;
}

/** Whether a logout ends the evidence of this person. */
export function concerns(logout: LogoutSubject, person: AuthenticatedPerson): boolean {
  if (person.method !== 'oidc' || person.issuer !== logout.issuer) return false;
  const { subject, sessionId } = logout;
  if (subject === undefined && sessionId === undefined) return false;
  return (
    (subject === undefined || person.subject === subject) &&
    (sessionId === undefined || person.sessionId === sessionId)
  );
}

export interface BrowserSession {
  readonly person: AuthenticatedPerson;
  /** As the provider signed it, by which it knows what to end (OpenID Connect RP-Initiated Logout 1.0 §2). */
  readonly idToken: string;
}

/** Browsers whose person has logged in, by an opaque id that says nothing. In memory: a restart ends them all. */
export class BrowserSessions {
  /** Oldest first. */
  readonly #sessions = new Map<string, BrowserSession>();

  /** The id for the browser's cookie. */
  open(session: BrowserSession): string {
    const { person } = session;
    this.#forgetExpired();
    const own = this.#ids((other) => other.issuer === person.issuer && other.subject === person.subject);
    if (own.length >= maxOfOnePerson) this.close(own[0]);
    else if (this.#sessions.size >= maxSessions) this.close(this.#sessions.keys().next().value);
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(id, session);
    return id;
  }

  personOf(id: string | undefined): AuthenticatedPerson | undefined {
    return this.#find(id)?.person;
  }

  /** What it was; undefined when there was none. */
  close(id: string | undefined): BrowserSession | undefined {
    const session = this.#find(id);
    if (id !== undefined) this.#sessions.delete(id);
    return session;
  }

  closeAll(logout: LogoutSubject): void {
    for (const id of this.#ids((person) => concerns(logout, person))) this.#sessions.delete(id);
  }

  get size(): number {
    return this.#sessions.size;
  }

  #find(id: string | undefined): BrowserSession | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    return session === undefined || isExpired(session.person) ? undefined : session;
  }

  #forgetExpired(): void {
    for (const id of this.#ids(isExpired)) this.#sessions.delete(id);
  }

  #ids(wanted: (person: AuthenticatedPerson) => boolean): string[] {
    return [...this.#sessions].filter(([, { person }]) => wanted(person)).map(([id]) => id);
  }
}

function isExpired({ expiresAtMs }: AuthenticatedPerson): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= Date.now();
}
