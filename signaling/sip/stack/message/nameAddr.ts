import type { NameAddr } from './contract.ts';
import { isToken, quote, quotedString, trimSpace, unquote } from './grammar.ts';
import { formatParameters, parseParameters } from './parameters.ts';
import { badRequest } from './parseError.ts';
import { isUri } from './uri.ts';

const leadingQuoted = new RegExp(`^${quotedString}`);

/** One From, To, Contact, Route, … value (RFC 3261 §20.10, §25.1). Throws 400. */
export function parseNameAddr(text: string): NameAddr {
  const value = trimSpace(text);
  const quoted = leadingQuoted.exec(value)?.[0];
  if (quoted !== undefined) {
    const rest = trimSpace(value.slice(quoted.length));
    if (!rest.startsWith('<')) throw badRequest('Invalid Name');
    return parseBracketed(rest, unquote(quoted));
  }
  const open = value.indexOf('<');
  if (open < 0) return parseAddrSpec(value);
  const displayName = trimSpace(value.slice(0, open));
  for (const part of displayName.split(/[ \t]+/)) {
    if (part !== '' && !isToken(part)) throw badRequest('Invalid Name');
  }
  return parseBracketed(value.slice(open), displayName);
}

/** Always with angle brackets, so that parameters cannot be taken for the URI's. */
export function formatNameAddr(value: NameAddr): string {
  const name = value.displayName === '' ? '' : `${quote(value.displayName)} `;
  return `${name}<${value.uri}>${formatParameters(value.parameters)}`;
}

/** A copy with one more parameter, or with another value of it. */
export function withParameter<T extends { readonly parameters: ReadonlyMap<string, string> }>(
  value: T,
  name: string,
  parameter: string,
): T {
  return { ...value, parameters: new Map(value.parameters).set(name, parameter) };
}

function parseBracketed(text: string, displayName: string): NameAddr {
  const close = text.indexOf('>');
  const uri = text.slice(1, Math.max(close, 1));
  if (close < 0 || !isUri(uri)) throw badRequest('Invalid URI');
  return { displayName, uri, parameters: parseParameters(text.slice(close + 1)) };
}

function parseAddrSpec(text: string): NameAddr {
  const semicolon = text.indexOf(';');
  const uri = trimSpace(semicolon < 0 ? text : text.slice(0, semicolon));
  // §20: a URI with a comma, question mark or semicolon must be in angle brackets.
  if (/[,?]/.test(uri) || !isUri(uri)) throw badRequest('Invalid URI');
  return { displayName: '', uri, parameters: parseParameters(semicolon < 0 ? '' : text.slice(semicolon)) };
}
