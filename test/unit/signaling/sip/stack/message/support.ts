import { readFileSync, readdirSync } from 'node:fs';
import {
  SipParseError,
  parseMessage,
  type SipRequest,
  type SipResponse,
} from '#signaling/sip/stack/message/index.ts';

const folder = new URL('../../../../../fixtures/sip/rfc4475/', import.meta.url);

/** The names of all messages of RFC 4475. */
export const tortureNames: readonly string[] = readdirSync(folder).map((file) => file.replace('.dat', ''));

export function bytesOf(name: string): Buffer {
  return readFileSync(new URL(`${name}.dat`, folder));
}

/** The message, or why it is refused. Anything else that the parser throws is thrown. */
export function verdict(bytes: Buffer): SipRequest | SipResponse | SipParseError {
  try {
    return parseMessage(bytes);
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
}

/** Lines of a head with their CRLFs, and a body. */
export function messageOf(lines: readonly string[], body = ''): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** A request with all that RFC 3261 §8.1.1 wants, and whatever else is given. */
export function requestWith(...more: string[]): Buffer {
  return messageOf([
    'OPTIONS sip:room@zone.example SIP/2.0',
    'Via: SIP/2.0/UDP peer.example;branch=z9hG4bK1',
    'From: <sip:peer@peer.example>;tag=a',
    'To: <sip:room@zone.example>',
    'Call-ID: one@test',
    'CSeq: 1 OPTIONS',
    ...more,
  ]);
}
