/** What the listener says itself, without any key: plain alerts (RFC 8446 §6) and one sentence of HTTP. */

const alertDescriptions = { 'unrecognized-name': 112, 'internal-error': 80, 'decode-error': 50 } as const;

export type Alert = keyof typeof alertDescriptions;

/** A fatal alert as the first record of a connection. */
export function alertRecord(alert: Alert): Buffer {
  return Buffer.from([21, 3, 3, 0, 2, 2, alertDescriptions[alert]]);
}

const sentence = 'This port speaks HTTPS only. Write https:// in front of the address.\n';

export const plainHttpAnswer = Buffer.from(
  [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(sentence)}`,
    'Connection: close',
    '',
    sentence,
  ].join('\r\n'),
);

/** Whether this could be the start of an HTTP request line. */
export function looksLikeHttp(bytes: Buffer): boolean {
  return /^[A-Z]{3,10} /.test(bytes.toString('latin1', 0, 11));
}
