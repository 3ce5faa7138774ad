import { isIPv4, isIPv6 } from 'node:net';
import { badRequest } from './parseError.ts';

/** RFC 3261 §25.1 `token`, as a part of larger expressions. */
export const tokenChars = "[A-Za-z0-9\\-.!%*_+`'~]";
/** §25.1 `quoted-string`; folding is already undone, so LWS is SP and HTAB. */
export const quotedString = '"(?:[^"\\\\]|\\\\[\\x00-\\x09\\x0b\\x0c\\x0e-\\x7f])*"';

const tokenOnly = new RegExp(`^${tokenChars}+$`);
const word = '[A-Za-z0-9\\-.!%*_+`\'~()<>:\\\\"/[\\]?{}]+';
const callId = new RegExp(`^${word}(?:@${word})?$`);
// Underscores are not in the grammar, but names of containers and of Windows hosts have them.
const hostName =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.?$/;
const digits = /^\d+$/;

export function isToken(text: string): boolean {
  return tokenOnly.test(text);
}

export function isCallId(text: string): boolean {
  return callId.test(text);
}

/** §25.1 `host`: a name, an IPv4 address, or an IPv6 address in brackets. */
export function isHost(text: string): boolean {
  if (text.startsWith('[')) {
    return text.endsWith(']') && !text.includes('%') && isIPv6(text.slice(1, -1));
  }
  if (text.length > 255 || !hostName.test(text)) return false;
  const topLabel = text.replace(/\.$/, '').split('.').at(-1) ?? '';
  return digits.test(topLabel) ? isIPv4(text) : true;
}

/** A decimal number without sign. Throws 400 for anything else and for more than `max`. */
export function parseNumber(text: string, max: number, what: string): number {
  const value = digits.test(text) ? Number(text) : Number.NaN;
  if (!(value <= max)) throw badRequest(`Invalid ${what}`);
  return value;
}

/** A port, 1..65535. Throws 400. */
export function parsePort(text: string): number {
  const port = parseNumber(text, 65_535, 'Port');
  if (port === 0) throw badRequest('Invalid Port');
  return port;
}

/** Without SP and HTAB at both ends. String.trim would also take a byte order mark, which is text in SIP. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Text as the content of a quoted-string, with its quotes. Line ends become spaces. */
export function quote(text: string): string {
  return `"${text.replace(/[\r\n]+/g, ' ').replace(/["\\]/g, '\\$&')}"`;
}

/** The content of a quoted-string; any other text as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replace(/\\([\s\S])/g, '$1');
}

/**
 * Splits a header value at commas that are outside quotes and angle brackets. Elements come trimmed; empty ones
 * are kept, for the caller to refuse or to drop.
 */
export function splitList(text: string): string[] {
  const elements: string[] = [];
  let start = 0;
  let quoted = false;
  let bracketed = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '<') bracketed = true;
    else if (char === '>') bracketed = false;
    else if (char === ',' && !bracketed) {
      elements.push(trimSpace(text.slice(start, at)));
      start = at + 1;
    }
  }
  elements.push(trimSpace(text.slice(start)));
  return elements;
}
