import type { IncomingMessage } from 'node:http';

/**
 * `__Host-`: the browser takes and keeps it for this host alone, over HTTPS alone (RFC 6265bis §4.1.3.2). Lax, because the provider
 * sends the person back with a link from another site.
 */
export const cookieNames = {
  session: '__Host-zonebridge-session',
  login: '__Host-zonebridge-login',
  /** For the page, which cannot read the others: somebody is logged in. Worth nothing to anybody else. */
  loggedIn: '__Host-zonebridge-logged-in',
} as const;
type CookieName = (typeof cookieNames)[keyof typeof cookieNames];

export function readCookie(request: IncomingMessage, name: CookieName): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** The `Set-Cookie` header that gives the browser a value for so long. */
export function writeCookie(name: CookieName, value: string, lifetimeMs: number): string {
  const maxAge = Math.floor(lifetimeMs / 1000);
  const access = name === cookieNames.loggedIn ? '' : ' HttpOnly;';
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; Secure;${access} SameSite=Lax`;
}

export function dropCookie(name: CookieName): string {
  return writeCookie(name, '', 0);
}
