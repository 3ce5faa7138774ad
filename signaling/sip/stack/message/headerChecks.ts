import type { SipHeaders, SipMessage } from './contract.ts';
import { isCallId, isToken, parseNumber, quotedString, splitList, tokenChars, trimSpace } from './grammar.ts';
import { maxCSeq, maxMaxForwards } from './limits.ts';
import { parseNameAddr } from './nameAddr.ts';
import { parseParameters } from './parameters.ts';
import { badRequest } from './parseError.ts';
import { parseVia } from './via.ts';

type Check = (value: string) => unknown;

const mandatory = ['Via', 'From', 'To', 'Call-ID', 'CSeq'] as const;

/** Header fields that may be there once only (RFC 3261 §7.3.1 and the RFCs that define them). */
const single = [
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Max-Forwards',
  'Content-Length',
  'Content-Type',
  'Content-Disposition',
  'Date',
  'Expires',
  'Min-Expires',
  'Refer-To',
  'Referred-By',
  'Replaces',
  'Join',
  'Event',
  'Subscription-State',
  'Session-Expires',
  'Min-SE',
  'RSeq',
  'RAck',
  'SIP-ETag',
  'SIP-If-Match',
] as const;

const rfc1123Date =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const authParameter = `${tokenChars}+[ \\t]*=[ \\t]*(?:${tokenChars}+|${quotedString})`;
const challenge = new RegExp(`^${tokenChars}+[ \\t]+${authParameter}(?:[ \\t]*,[ \\t]*${authParameter})*$`);
const bearer = /^Bearer[ \t]+[A-Za-z0-9\-._~+/]+=*$/i;
const mediaType = new RegExp(`^(${tokenChars}+)[ \\t]*/[ \\t]*(${tokenChars}+)[ \\t]*(?=;|$)`);

const checks: readonly (readonly [name: string, check: Check])[] = [
  ['Via', eachOf(parseVia)],
  ['From', parseNameAddr],
  ['To', parseNameAddr],
  ['Call-ID', checkCallId],
  ['CSeq', parseCSeq],
  ['Contact', checkContact],
  ['Route', eachOf(parseNameAddr)],
  ['Record-Route', eachOf(parseNameAddr)],
  ['Path', eachOf(parseNameAddr)],
  ['Service-Route', eachOf(parseNameAddr)],
  ['P-Asserted-Identity', eachOf(parseNameAddr)],
  ['P-Preferred-Identity', eachOf(parseNameAddr)],
  ['Remote-Party-ID', eachOf(parseNameAddr)],
  ['Refer-To', parseNameAddr],
  ['Referred-By', parseNameAddr],
  ['Reply-To', parseNameAddr],
  ['Max-Forwards', (value) => parseNumber(value, maxMaxForwards, 'Max-Forwards')],
  ['Content-Length', parseContentLength],
  ['Content-Type', checkMediaType],
  ['Date', checkDate],
  ['Require', eachOf(checkToken)],
  ['Proxy-Require', eachOf(checkToken)],
  ['WWW-Authenticate', checkCredentials],
  ['Proxy-Authenticate', checkCredentials],
  ['Authorization', checkCredentials],
  ['Proxy-Authorization', checkCredentials],
];

/**
 * Every header whose form decides how a message is treated, here or in drachtio-srf, whose parser throws on several of
 * them. Throws 400.
 */
export function checkHeaders(headers: SipHeaders): void {
  for (const name of mandatory) if (!headers.has(name)) throw badRequest(`Missing ${name}`);
  for (const name of single) if (headers.all(name).length > 1) throw badRequest(`Repeated ${name}`);
  for (const [name, check] of checks) for (const value of headers.all(name)) check(value);
}

/** `number method`, RFC 3261 §20.16. Throws 400. */
export function parseCSeq(value: string): SipMessage['cseq'] {
  const [number = '', method = '', ...rest] = value.split(/[ \t]+/);
  if (rest.length > 0 || !isToken(method)) throw badRequest('Invalid CSeq');
  return { number: parseNumber(number, maxCSeq, 'CSeq'), method };
}

/** Bytes. Throws 400. */
export function parseContentLength(value: string): number {
  return parseNumber(value, Number.MAX_SAFE_INTEGER, 'Content-Length');
}

function eachOf(check: Check): Check {
  return (value) => {
    for (const element of splitList(value)) check(element);
  };
}

function checkCallId(value: string): void {
  if (!isCallId(value)) throw badRequest('Invalid Call-ID');
}

function checkToken(value: string): void {
  if (!isToken(value)) throw badRequest('Invalid Option Tag');
}

function checkContact(value: string): void {
  if (value !== '*') eachOf(parseNameAddr)(value);
}

/** RFC 3261 §20.17: always GMT. */
function checkDate(value: string): void {
  if (!rfc1123Date.test(value)) throw badRequest('Invalid Date');
}

function checkMediaType(value: string): void {
  const match = mediaType.exec(value);
  if (match === null) throw badRequest('Invalid Content-Type');
  parseParameters(trimSpace(value.slice(match[0].length)));
}

function checkCredentials(value: string): void {
  if (!challenge.test(value) && !bearer.test(value)) throw badRequest('Invalid Credentials');
}
