import { ZonebridgeError } from '#kernel/index.ts';

/** What a session description may measure. Real ones stay far below: a browser with 20 video sections has 60 kB. */
export const limits = {
  textBytes: 128 * 1024,
  lineCharacters: 8192,
  lines: 4000,
  sections: 64,
  formatsPerSection: 256,
  cryptoLines: 32,
  fingerprints: 16,
  candidates: 200,
  codecParameters: 32,
  simulcastStreams: 16,
} as const;

/** `where` is a line or a section; nothing of the text itself is in the message, for it goes into logs and answers. */
export function badDescription(where: string, what: string): ZonebridgeError {
  return new ZonebridgeError('bad-description', `SDP ${where}: ${what}`);
}
