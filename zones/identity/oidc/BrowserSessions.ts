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

/** Browsers whose person has logged in, by an opaque id that says nothing. In memory: a restart ends them all. */
export class BrowserSessions {
  /** Oldest first. */
  readonly #people = new Map<string, AuthenticatedPerson>();

  /** The id for the browser's cookie. */
  open(person: AuthenticatedPerson): string {
    this.#forgetExpired();
    const own = this.#ids((other) => other.issuer === person.issuer && other.subject === person.subject);
    if (own.length >= maxOfOnePerson) this.close(own[0]);
    else if (this.#people.size >= maxSessions) this.close(this.#people.keys().next().value);
    const id = randomBytes(32).toString('base64url');
    this.#people.set(id, person);
    return id;
  }

  personOf(id: string | undefined): AuthenticatedPerson | undefined {
    const person = id === undefined ? undefined : this.#people.get(id);
    return person === undefined || isExpired(person) ? undefined : person;
  }

  /** Whose it was; undefined when there was none. */
  close(id: string | undefined): AuthenticatedPerson | undefined {
    const person = this.personOf(id);
    if (id !== undefined) this.#people.delete(id);
    return person;
  }

  closeAll(logout: LogoutSubject): void {
    for (const id of this.#ids((person) => concerns(logout, person))) this.#people.delete(id);
  }

  get size(): number {
    return this.#people.size;
  }

  #forgetExpired(): void {
    for (const id of this.#ids(isExpired)) this.#people.delete(id);
  }

  #ids(wanted: (person: AuthenticatedPerson) => boolean): string[] {
    return [...this.#people].filter(([, person]) => wanted(person)).map(([id]) => id);
  }
}

function isExpired({ expiresAtMs }: AuthenticatedPerson): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= Date.now();
}
