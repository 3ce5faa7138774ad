import { isUtf8 } from 'node:buffer';
import type { SipHeaders } from './contract.ts';
import { HeaderList } from './headerList.ts';
import { isToken, trimSpace } from './grammar.ts';
import { checkHeaders, parseContentLength } from './headerChecks.ts';
import {
  maxBodyBytes,
  maxHeadBytes,
  maxHeaderCount,
  maxHeaderLineBytes,
  maxStartLineBytes,
} from './limits.ts';
import { Request, Response, type RequestLine, type StatusLine } from './message.ts';
import { SipParseError, badRequest, type UnreadableMessage } from './parseError.ts';
import { parseUri } from './uri.ts';

const headEnd = Buffer.from('\r\n\r\n');
const requestLine = /^([^ ]+) ([^ ]+) SIP\/(\d+\.\d+)$/i;
const statusLine = /^SIP\/2\.0 (\d{3})(?: (.*))?$/is;
/** Enough to know what somebody meant, so that a request can be answered. */
const almostRequest = /^([^\s]+)\s.*\sSIP\s*\/\s*\d+\.\d+\s*$/is;
// §25.1: neither TEXT-UTF8-TRIM nor anything else takes control characters outside quoted pairs.
// eslint-disable-next-line no-control-regex
const control = /[\x00-\x08\x0a-\x1f\x7f]/;

/** The start line and the header fields of a message, unfolded, compact forms expanded; values are not checked. */
export interface Head {
  readonly startLine: string;
  readonly headers: SipHeaders;
}

/**
 * One whole message: a datagram, or what the framing of a stream cut out. The body ends at Content-Length, or with
 * the bytes when there is none; what follows is ignored (RFC 3261 §18.3). Throws `SipParseError` and nothing else.
 */
export function parseMessage(bytes: Buffer): Request | Response {
  const start = skipLineEnds(bytes);
  const end = bytes.subarray(0, start + maxHeadBytes).indexOf(headEnd, start);
  const head = bytes.subarray(start, end < 0 ? Math.min(bytes.length, start + maxHeadBytes) : end);
  const { startLine, headers, fault } = readHead(head);
  try {
    if (end < 0) throw endlessHead(bytes.length - start);
    const line = parseStartLine(startLine);
    if (fault !== undefined) throw fault;
    checkHeaders(headers);
    const message = build(line, headers, bodyOf(bytes.subarray(end + headEnd.length), headers), bytes.length);
    checkAgainstCSeq(message);
    return message;
  } catch (error) {
    throw error instanceof SipParseError ? error.within(describe(startLine, headers)) : error;
  }
}

/**
 * Reads a head without checking values: for text from our own application, which leaves mandatory headers out.
 * Throws `SipParseError` when a line is no header field.
 */
export function parseHead(bytes: Buffer): Head {
  const { startLine, headers, fault } = readHead(bytes.subarray(skipLineEnds(bytes)));
  if (fault !== undefined) throw fault;
  return { startLine, headers };
}

/**
 * How many body bytes follow this head on a stream, where Content-Length must say it (RFC 3261 §18.3). Throws
 * `SipParseError`; the stream cannot be read on then.
 */
export function parseBodyLength(bytes: Buffer): number {
  const { startLine, headers, fault } = readHead(bytes);
  try {
    const [field, ...more] = headers.all('Content-Length');
    if (field === undefined) throw fault ?? badRequest('Missing Content-Length');
    if (more.length > 0) throw badRequest('Repeated Content-Length');
    const length = parseContentLength(field);
    if (length > maxBodyBytes) throw new SipParseError(513, 'Message Too Large');
    return length;
  } catch (error) {
    throw error instanceof SipParseError ? error.within(describe(startLine, headers)) : error;
  }
}

/** RFC 3261 §7.1, §7.2. Throws 400, 414, 416 and 505. */
export function parseStartLine(text: string): RequestLine | StatusLine {
  if (text.length > maxStartLineBytes) throw new SipParseError(414, 'Request-URI Too Long');
  const response = statusLine.exec(text);
  if (response !== null) {
    const status = Number(response[1]);
    if (status < 100 || status > 699) throw badRequest('Invalid Status Code');
    return { kind: 'response', status, reason: response[2] ?? '' };
  }
  const [, method = '', uri = '', version = ''] = requestLine.exec(text) ?? [];
  if (version === '') throw badRequest('Invalid Start Line');
  if (version !== '2.0') throw new SipParseError(505, 'Version Not Supported');
  if (!isToken(method)) throw badRequest('Invalid Method');
  // §19.1.1: a Request-URI has no headers.
  if (parseUri(uri).headers !== undefined) throw badRequest('Headers in Request-URI');
  return { kind: 'request', method, uri };
}

interface LenientHead extends Head {
  readonly fault: SipParseError | undefined;
}

/** Reads as far as possible: the first fault is kept, what came before and after it is still there. */
function readHead(bytes: Buffer): LenientHead {
  const headers = new HeaderList();
  const text = bytes.toString('utf8');
  const lineEnd = text.indexOf('\r\n');
  const startLine = lineEnd < 0 ? text : text.slice(0, lineEnd);
  let fault: SipParseError | undefined;
  if (!isUtf8(bytes)) fault = badRequest('Invalid UTF-8');
  else if (control.test(startLine)) fault = badRequest('Invalid Start Line');
  const lines = lineEnd < 0 ? [] : unfold(text.slice(lineEnd + 2));
  for (const line of lines) {
    if (line === '') continue;
    if (headers.size >= maxHeaderCount) {
      fault ??= new SipParseError(513, 'Too Many Headers');
      break;
    }
    fault ??= addHeader(headers, line);
  }
  return { startLine, headers, fault };
}

/** §7.3.1: a line that starts with white space goes on with the one before; the first has nothing before it. */
function unfold(text: string): string[] {
  return text.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
}

function addHeader(headers: HeaderList, line: string): SipParseError | undefined {
  if (line.length > maxHeaderLineBytes) return new SipParseError(513, 'Header Too Long');
  const colon = line.indexOf(':');
  const name = trimEnd(line.slice(0, Math.max(colon, 0)));
  const value = trimSpace(line.slice(colon + 1));
  if (!isToken(name)) return badRequest('Invalid Header');
  if (control.test(value.replace(/\\[^\r\n]/g, ''))) return badRequest('Invalid Header');
  headers.append(name, value);
  return undefined;
}

function trimEnd(text: string): string {
  return trimSpace(`.${text}`).slice(1);
}

function build(
  line: RequestLine | StatusLine,
  headers: SipHeaders,
  body: Buffer,
  wireBytes: number,
): Request | Response {
  return line.kind === 'request'
    ? new Request(line, headers, body, wireBytes)
    : new Response(line, headers, body, wireBytes);
}

function bodyOf(rest: Buffer, headers: SipHeaders): Buffer {
  const field = headers.get('Content-Length');
  const length = field === undefined ? rest.length : parseContentLength(field);
  if (length > maxBodyBytes) throw new SipParseError(513, 'Message Too Large');
  if (length > rest.length) throw badRequest('Body Shorter Than Content-Length');
  return rest.subarray(0, length);
}

/** §8.1.1.5: the CSeq of a request names its method. */
function checkAgainstCSeq(message: Request | Response): void {
  if (message.kind === 'request' && message.cseq.method !== message.method) {
    throw badRequest('CSeq Method Does Not Match');
  }
}

function endlessHead(lengthBytes: number): SipParseError {
  return lengthBytes >= maxHeadBytes
    ? new SipParseError(513, 'Message Too Large')
    : badRequest('No End of Headers');
}

function describe(startLine: string, headers: SipHeaders): UnreadableMessage {
  if (/^SIP\s*\//i.test(startLine)) return { kind: 'response', headers };
  const method = almostRequest.exec(startLine)?.[1];
  return method === undefined ? { kind: 'unknown', headers } : { kind: 'request', method, headers };
}

/** §7.5: CRLFs before the start line are no part of the message. */
function skipLineEnds(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === 0x0d || bytes[at] === 0x0a) at += 1;
  return at;
}
