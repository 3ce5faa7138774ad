import { ZonebridgeError } from '#kernel/index.ts';
import type { DrachtioMessage } from './drachtio.ts';
import type { Refusal } from './endings.ts';
import { refusals } from './refusals.ts';

/** The session description of a message; '' when it has no body. A body of another kind is refused. */
export function sessionBody(message: DrachtioMessage): string | Refusal {
  if (message.body === '') return '';
  const encoding = message.get('Content-Encoding');
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') return refusals.contentEncoding;
  const contentType = message.get('Content-Type') ?? '';
  const type = mediaType(contentType);
  if (type === 'application/sdp') return message.body;
  // RFC 5621 §3.1: a user agent must find its way in multipart bodies.
  if (type.startsWith('multipart/')) return sessionPart(message.body, contentType) ?? refusals.contentType;
  return refusals.contentType;
}

/** The description that answers our offer, also out of a multipart body. Throws `bad-description` when there is none. */
export function answerIn(message: DrachtioMessage): string {
  const body = sessionBody(message);
  if (typeof body === 'string' && body !== '') return body;
  throw new ZonebridgeError('bad-description', 'the answer has no session description');
}

/** Lower case, without parameters. */
export function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

function sessionPart(body: string, contentType: string): string | undefined {
  const [, quoted, token] = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? token;
  if (boundary === undefined) return undefined;
  for (const part of `\r\n${body}`.split(`\r\n--${boundary}`).slice(1)) {
    const end = part.indexOf('\r\n\r\n');
    const type = /^content-type\s*:\s*([^\r\n]*)/im.exec(part.slice(0, Math.max(end, 0)))?.[1];
    if (type !== undefined && mediaType(type) === 'application/sdp') return part.slice(end + 4);
  }
  return undefined;
}
