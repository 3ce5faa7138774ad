import { ZonebridgeError } from '#kernel/index.ts';
import type { SipHeaders, SipRequest, SipResponse } from './contract.ts';
import { HeaderList } from './headerList.ts';
import { isToken } from './grammar.ts';
import { Request, Response } from './message.ts';
import type { SipParseError } from './parseError.ts';
import { reasonPhrase } from './reasonPhrases.ts';

export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  /** In the order in which they are sent; Content-Length is added when it is not there. */
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly body?: Buffer;
}

/** A request of ours. Throws `invalid-argument` when a part would not be one line of a message. */
export function createRequest(parts: RequestParts): SipRequest {
  if (!isToken(parts.method)) throw new ZonebridgeError('invalid-argument', 'a method must be a token');
  if (parts.uri === '' || /\s/.test(parts.uri)) {
    throw new ZonebridgeError('invalid-argument', 'a Request-URI must not be empty or hold white space');
  }
  const line = { kind: 'request', method: parts.method, uri: parts.uri } as const;
  return new Request(line, new HeaderList(parts.headers), parts.body ?? Buffer.alloc(0));
}

export interface ResponseOptions {
  /** Added to To when the request had no tag there (RFC 3261 §8.2.6.2). */
  readonly toTag?: string;
  readonly body?: Buffer;
}

/**
 * A response with what RFC 3261 §8.2.6 and §12.1.1 take from the request: all Via, From, To, Call-ID, CSeq; Timestamp
 * in a 100; Record-Route in 101..299. Throws `invalid-argument` when the reason is more than one line.
 */
export function createResponse(
  request: SipRequest,
  status: number,
  reason = reasonPhrase(status),
  options: ResponseOptions = {},
): SipResponse {
  const headers = new HeaderList();
  copy(request.headers, headers, ['Via']);
  if (status > 100 && status < 300) copy(request.headers, headers, ['Record-Route']);
  if (status === 100) copy(request.headers, headers, ['Timestamp']);
  copy(request.headers, headers, ['From', 'To', 'Call-ID', 'CSeq']);
  if (options.toTag !== undefined && !request.to.parameters.has('tag')) {
    headers.set('To', `${request.headers.get('To') ?? ''};tag=${options.toTag}`);
  }
  return response(status, reason, headers, options.body);
}

/**
 * The answer to a request that could not be read, with what could; undefined when none is due: for responses, for
 * ACK (RFC 3261 §17.1.1.3), and for what is no SIP request or says not where it came from.
 */
export function createRefusal(error: SipParseError, toTag: string): SipResponse | undefined {
  const unreadable = error.unreadable;
  if (unreadable?.kind !== 'request' || unreadable.method === 'ACK') return undefined;
  if (!unreadable.headers.has('Via')) return undefined;
  const headers = new HeaderList();
  copy(unreadable.headers, headers, ['Via', 'From', 'To', 'Call-ID', 'CSeq']);
  const to = unreadable.headers.get('To');
  if (to !== undefined && !/;[ \t]*tag[ \t]*=/i.test(to)) headers.set('To', `${to};tag=${toTag}`);
  return response(error.status, error.reason, headers);
}

function response(status: number, reason: string, headers: HeaderList, body?: Buffer): SipResponse {
  if (/[\r\n]/.test(reason))
    throw new ZonebridgeError('invalid-argument', 'a reason phrase must be one line');
  return new Response({ kind: 'response', status, reason }, headers, body ?? Buffer.alloc(0));
}

function copy(from: SipHeaders, to: SipHeaders, names: readonly string[]): void {
  for (const name of names) for (const value of from.all(name)) to.append(name, value);
}
