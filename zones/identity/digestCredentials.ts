import { createHash } from 'node:crypto';

/** RFC 8760 §2.2, strongest first. */
export const digestAlgorithms = ['SHA-256', 'MD5'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** One answer to a challenge (RFC 7616 §3.4), as it was sent: nothing of it is known to be right, or to be there at all. */
export type DigestCredentials = Readonly<Partial<Record<string, string>>>;

/** More than any phone sends. */
const mostCharacters = 8192;

/** The Digest credentials in the Authorization fields of a request, which may be joined with commas. What is none is left out. */
export function parseCredentials(fields: string): readonly DigestCredentials[] {
  const found: Record<string, string>[] = [];
  let current: Record<string, string> | undefined;
  // A token is tried from its beginning only, and a long one is none of ours: else the time grows with the square of the length.
  const parts =
    /(?<![\w*-])(?:([A-Za-z][\w-]{0,63})[ \t]{1,64})?([A-Za-z][\w*-]{0,63})[ \t]{0,64}=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g;
  for (const [, scheme, name = '', quoted, token = ''] of fields.slice(0, mostCharacters).matchAll(parts)) {
    if (scheme !== undefined) {
      current = scheme.toLowerCase() === 'digest' ? {} : undefined;
      if (current !== undefined) found.push(current);
    }
    if (current !== undefined) current[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? token;
  }
  return found;
}

/** Undefined for one that we do not know. RFC 7616 §3.4: MD5 where none is named. */
export function algorithmOf({ algorithm = 'MD5' }: DigestCredentials): DigestAlgorithm | undefined {
  return digestAlgorithms.find((known) => known.toLowerCase() === algorithm.toLowerCase());
}

/** H(A1) of RFC 7616 §3.4.2, hexadecimal: as good as the password, for this realm. */
export function passwordHash(
  algorithm: DigestAlgorithm,
  { user, realm, password }: { readonly user: string; readonly realm: string; readonly password: string },
): string {
  return hash(algorithm, `${user}:${realm}:${password}`);
}

/** What `response` must be (RFC 7616 §3.4.1), with `qop=auth`. */
export function expectedResponse(
  algorithm: DigestAlgorithm,
  ha1: string,
  method: string,
  { nonce = '', nc = '', cnonce = '', uri = '' }: DigestCredentials,
): string {
  return hash(algorithm, [ha1, nonce, nc, cnonce, 'auth', hash(algorithm, `${method}:${uri}`)].join(':'));
}

function hash(algorithm: DigestAlgorithm, text: string): string {
  return createHash(algorithm.toLowerCase().replace('-', '')).update(text).digest('hex');
}
