import type { RequestDraft, ResponseDraft } from '../dialog/index.ts';
import { parseHead, parseStartLine } from '../message/index.ts';

export type AppMessage =
  ({ readonly kind: 'request' } & RequestDraft) | ({ readonly kind: 'response' } & ResponseDraft);

const headEnd = Buffer.from('\r\n\r\n');

/**
 * What an application wrote. The body is all that follows the empty line: drachtio-srf counts characters, not bytes,
 * in Content-Length. Throws `bad-message`.
 */
export function parseAppMessage(bytes: Buffer): AppMessage {
  const end = bytes.indexOf(headEnd);
  const { startLine, headers } = parseHead(end < 0 ? bytes : bytes.subarray(0, end));
  const line = parseStartLine(startLine);
  // A copy: the bytes belong to the connection's buffer, which holds other messages too.
  const body = end < 0 ? Buffer.alloc(0) : Buffer.from(bytes.subarray(end + headEnd.length));
  return { ...line, headers, body };
}
