import type { SipUri } from './contract.ts';
import { isHost, parsePort } from './grammar.ts';
import { SipParseError, badRequest } from './parseError.ts';

const escaped = '%[0-9A-Fa-f]{2}';
const unreserved = "A-Za-z0-9\\-_.!~*'()";
// `#` is not in the grammar of RFC 3261 §25.1, but phones dial service codes with it.
const userPart = new RegExp(`^(?:[${unreserved}&=+$,;?/#]|${escaped})+$`);
const passwordPart = new RegExp(`^(?:[${unreserved}&=+$,]|${escaped})*$`);
const paramChars = `(?:[${unreserved}[\\]/:&+$]|${escaped})+`;
const uriParameter = new RegExp(`;(${paramChars})(?:=(${paramChars}))?`, 'y');
const headerChars = `(?:[${unreserved}[\\]/?:+$]|${escaped})`;
const uriHeaders = new RegExp(`^${headerChars}+=${headerChars}*(?:&${headerChars}+=${headerChars}*)*$`);
const hostPort = /^(\[[^\]]*\]|[^[\]:;?]*)(?::([^;?]*))?/;
const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const absoluteUri = new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:(?:[${unreserved};/?:@&=+$,[\\]#]|${escaped})+$`);
// RFC 3966 §3, local and global numbers together.
const telephoneNumber = /^\+?[0-9A-Fa-f*#\-.()]+$/;

/** RFC 3261 §19.1. Throws 400, and 416 when the scheme is not `sip`, `sips` or `tel`. */
export function parseUri(text: string): SipUri {
  const name = scheme.exec(text)?.[1]?.toLowerCase();
  if (name === undefined) throw badRequest('Invalid URI');
  const rest = text.slice(name.length + 1);
  if (name === 'tel') return parseTelephoneUri(rest);
  if (name !== 'sip' && name !== 'sips') {
    throw absoluteUri.test(text)
      ? new SipParseError(416, 'Unsupported URI Scheme')
      : badRequest('Invalid URI');
  }
  const at = rest.indexOf('@');
  const user = at < 0 ? undefined : parseUserInfo(rest.slice(0, at));
  const place = parseHostPort(rest.slice(at + 1));
  return { scheme: name, ...(user === undefined ? {} : { user }), ...place };
}

/** True for what RFC 3261 calls absoluteURI, of any scheme; `sip` and `sips` must hold to their own grammar. */
export function isUri(text: string): boolean {
  if (!/^(?:sips?|tel):/i.test(text)) return absoluteUri.test(text);
  try {
    parseUri(text);
    return true;
  } catch (error) {
    if (error instanceof SipParseError) return false;
    throw error;
  }
}

export function formatUri(uri: SipUri): string {
  const user = uri.user === undefined ? '' : `${uri.user}@`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const start = uri.scheme === 'tel' ? `tel:${uri.user ?? ''}` : `${uri.scheme}:${user}${uri.host}${port}`;
  let parameters = '';
  for (const [name, value] of uri.parameters) parameters += value === '' ? `;${name}` : `;${name}=${value}`;
  return `${start}${parameters}${uri.headers === undefined ? '' : `?${uri.headers}`}`;
}

function parseUserInfo(text: string): string {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  const password = colon < 0 ? '' : text.slice(colon + 1);
  if (!userPart.test(user) || !passwordPart.test(password)) throw badRequest('Invalid URI User');
  return user;
}

type Place = Pick<SipUri, 'host' | 'port' | 'parameters' | 'headers'>;

function parseHostPort(text: string): Place {
  const match = hostPort.exec(text);
  const host = match?.[1]?.toLowerCase() ?? '';
  if (match === null || !isHost(host)) throw badRequest('Invalid URI Host');
  const port = match[2] === undefined ? undefined : parsePort(match[2]);
  const tail = parseUriTail(text.slice(match[0].length));
  return { host, ...(port === undefined ? {} : { port }), ...tail };
}

function parseUriTail(text: string): Pick<SipUri, 'parameters' | 'headers'> {
  const parameters = new Map<string, string>();
  let at = 0;
  for (;;) {
    uriParameter.lastIndex = at;
    const match = uriParameter.exec(text);
    if (match === null) break;
    const name = (match[1] ?? '').toLowerCase();
    const value = match[2] ?? '';
    // RFC 3261 §19.1.1: no parameter more than once. baresip repeats `transport=tls`, which says nothing new.
    if (parameters.has(name) && parameters.get(name) !== value) throw badRequest('Repeated URI Parameter');
    parameters.set(name, value);
    at = uriParameter.lastIndex;
  }
  const rest = text.slice(at);
  if (rest === '') return { parameters };
  const headers = rest.slice(1);
  if (!rest.startsWith('?') || !uriHeaders.test(headers)) throw badRequest('Invalid URI Parameter');
  return { parameters, headers };
}

function parseTelephoneUri(text: string): SipUri {
  const semicolon = text.indexOf(';');
  const user = semicolon < 0 ? text : text.slice(0, semicolon);
  if (!telephoneNumber.test(user)) throw badRequest('Invalid Telephone Number');
  const { parameters, headers } = parseUriTail(semicolon < 0 ? '' : text.slice(semicolon));
  if (headers !== undefined) throw badRequest('Invalid Telephone Number');
  return { scheme: 'tel', user, host: '', parameters };
}
