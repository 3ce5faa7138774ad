const roomPath = /^\/[a-z0-9][a-z0-9._-]{0,63}$/;

/** Where the browser may be sent after a login: a room of this server or its start page, and nowhere else. */
export function isReturnPath(text: unknown): text is string {
  return typeof text === 'string' && (text === '/' || roomPath.test(text));
}

/** For `Gate`: where somebody goes to log in who wants into this room. */
export function loginPath(room: string): string {
  return `/api/login?return=${encodeURIComponent(`/${room}`)}`;
}
