import { parseNameAddr, parseUri } from './stack/message/index.ts';

/** Names on a roster are for reading; what is longer is cut. */
const maxNameLength = 80;

/** The room that a Request-URI asks for: its user part, unescaped, in lower case. Undefined when there is none. */
export function roomOf(requestUri: string): string | undefined {
  const user = userOf(requestUri);
  if (user === undefined) return undefined;
  try {
    return decodeURIComponent(user).toLowerCase();
  } catch {
    return undefined;
  }
}

/** What the others read: the display name in From, else its user part. */
export function displayNameOf(from: string): string {
  const { displayName, uri } = parseNameAddr(from);
  const name = Array.from(displayName.replace(/\p{Cc}/gu, '').trim())
    .slice(0, maxNameLength)
    .join('');
  return name === '' ? (userOf(uri) ?? 'Phone') : name;
}

/** The caller's own URI without parameters. */
export function callerUriOf(from: string): string {
  return parseNameAddr(from).uri.split(/[;?]/)[0] ?? '';
}

function userOf(uri: string): string | undefined {
  // baresip doubles a parameter that both the account and the dialled URI have; only the user part matters here.
  const withoutParameters = uri.split(/[;?]/)[0] ?? uri;
  try {
    const { user } = parseUri(withoutParameters);
    return user === '' ? undefined : user;
  } catch {
    return undefined;
  }
}
