import { parse, type MediaDescription, type SessionDescription } from 'sdp-transform';
import { badDescription, limits } from './limits.ts';

/** What the library returns, truthfully: text that looks like a number comes as one, missing numbers come as ''. */
export type Loose<T> = T extends string | number
  ? string | number
  : T extends readonly (infer E)[]
    ? Loose<E>[]
    : T extends object
      ? { [K in keyof T]: Loose<T[K]> }
      : T;

/** Session level or one m-section: its lines, and what sdp-transform makes of them. */
export interface SessionSection {
  readonly where: string;
  readonly lines: readonly string[];
  readonly parsed: Loose<SessionDescription>;
}

export interface MediaLine {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: string;
}

export interface MediaSection {
  /** `section 2 (audio)`, counted from one. */
  readonly where: string;
  readonly lines: readonly string[];
  readonly media: MediaLine;
  readonly parsed: Loose<MediaDescription>;
}

export interface SessionText {
  readonly session: SessionSection;
  readonly media: readonly MediaSection[];
}

/**
 * Cuts a description into its sections. CRLF, bare LF and bare CR end a line, and order within a section is free.
 * Throws `bad-description`.
 */
export function splitSession(text: string): SessionText {
  const lines = splitLines(text);
  const starts = lines.flatMap((line, index) => (line.startsWith('m=') ? [index] : []));
  if (starts.length > limits.sections) throw badDescription('text', `more than ${limits.sections} m= lines`);
  const sessionLines = lines.slice(0, starts[0]);
  checkSessionLines(sessionLines);
  return {
    session: { where: 'session level', lines: sessionLines, parsed: parse(sessionLines.join('\n')) },
    media: starts.map((start, index) => mediaSection(lines.slice(start, starts[index + 1]), index + 1)),
  };
}

/** What follows `a=name:` in each line with that attribute. */
export function attributeValues({ lines }: { readonly lines: readonly string[] }, name: string): string[] {
  const prefix = `a=${name}:`;
  return lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length).trim());
}

function splitLines(text: string): string[] {
  if (text.length > limits.textBytes) throw badDescription('text', `longer than ${limits.textBytes} bytes`);
  const lines = text.split(/\r\n|\n|\r/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  if (lines.length > limits.lines) throw badDescription('text', `more than ${limits.lines} lines`);
  lines.forEach(checkLine);
  return lines;
}

function checkLine(line: string, index: number): void {
  const where = `line ${index + 1}`;
  if (line.length > limits.lineCharacters) {
    throw badDescription(where, `longer than ${limits.lineCharacters} characters`);
  }
  if (!/^[a-z]=/.test(line)) throw badDescription(where, 'not of the form x=value (RFC 8866 §5)');
  if (line.includes('\0')) throw badDescription(where, 'has a NUL byte (RFC 8866 §5)');
}

function checkSessionLines(lines: readonly string[]): void {
  if (lines[0]?.trimEnd() !== 'v=0') throw badDescription('line 1', 'must be v=0 (RFC 8866 §5.1)');
  const origins = lines.filter((line) => line.startsWith('o='));
  if (origins.length !== 1) throw badDescription('session level', 'must have one o= line (RFC 8866 §5.2)');
}

function mediaSection(lines: readonly string[], number: number): MediaSection {
  const media = readMediaLine(lines[0] ?? '', number);
  // The library's pattern for m= does not know `port/count`; what it reads of that line is not used.
  const parsed = parse(lines.join('\n')).media[0] ?? { rtp: [], fmtp: [], type: '', port: 0, protocol: '' };
  const name = /^[a-z]{1,20}$/.test(media.kind) ? media.kind : 'other';
  return { where: `section ${number} (${name})`, lines, media, parsed };
}

/** RFC 8866 §5.14. */
function readMediaLine(line: string, number: number): MediaLine {
  const where = `section ${number}`;
  const match = /^m=([!-~]+) +(\d{1,5})(?:\/\d{1,5})? +([!-~]+)((?: +[!-~]+)*) *$/.exec(line);
  const [, kind = '', port = '', protocol = '', rest = ''] = match ?? [];
  if (match === null)
    throw badDescription(where, 'its m= line is not "media port protocol formats" (RFC 8866 §5.14)');
  if (Number(port) > 65_535) throw badDescription(where, 'its port is over 65535');
  const formats = rest.split(' ').filter((format) => format !== '');
  if (formats.length > limits.formatsPerSection) {
    throw badDescription(where, `more than ${limits.formatsPerSection} formats`);
  }
  // A refused section of some phones has no format left; the grammar wants one when it is mirrored.
  if (formats.length === 0 && Number(port) === 0) formats.push('0');
  if (formats.length === 0) throw badDescription(where, 'its m= line names no format (RFC 8866 §5.14)');
  return { kind, port: Number(port), protocol, formats: formats.join(' ') };
}
