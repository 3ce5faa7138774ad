import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SipParseError, type SipMessage } from '#signaling/sip/stack/message/index.ts';
import { bytesOf, requestWith, tortureNames, verdict } from './support.ts';

/** The part of drachtio-srf's message class that its dialogs and applications read with. */
interface SrfMessage {
  has(name: string): boolean;
  getParsedHeader(name: string): unknown;
}

const load = createRequire(import.meta.url);
const SrfMessage = load('drachtio-srf/lib/sip-parser/message.js') as new (text: string) => SrfMessage;

const parsed = [
  ...['from', 'to', 'contact', 'cseq', 'via', 'route', 'record-route', 'path', 'refer-to', 'referred-by'],
  ...['p-asserted-identity', 'remote-party-id', 'www-authenticate', 'proxy-authenticate', 'authorization'],
  'proxy-authorization',
];

/** Reads the message as drachtio-srf does; what it throws there would end the zone's process. */
function readBySrf(message: SipMessage): SrfMessage {
  const seen = new SrfMessage(message.toBuffer().toString());
  for (const name of parsed) if (seen.has(name)) seen.getParsedHeader(name);
  return seen;
}

test.each(tortureNames)('%s is refused, or drachtio-srf reads it too', (name) => {
  const result = verdict(bytesOf(name));
  if (result instanceof SipParseError) return;
  const from = readBySrf(result).getParsedHeader('from') as { uri: string };
  expect(from.uri).toBe(result.from.uri);
});

test.each([
  ['Contact: sip:a@b, sip:c@d'],
  ['Contact: *'],
  ['Route: <sip:a;lr>,<sip:b;lr>'],
  ['P-Asserted-Identity: "A, B" <sip:a@b>, tel:+123'],
  ['Authorization: Digest username="a, b", realm="c", nonce="", uri="sip:x", response="1"'],
  ['r: <sip:a@b?Replaces=1%3Bto-tag%3D2>'],
  ['constructor: x'],
  ['__proto__: x'],
])('%s is accepted and read', (line) => {
  const result = verdict(requestWith(line));
  if (result instanceof SipParseError) throw result;
  readBySrf(result);
});

test.each([
  ['Contact: '],
  ['Contact: <sip:a@b'],
  ['Contact: Bell, Alexander <sip:a@b>'],
  ['Contact: "\\\u2028" <sip:a@b>'],
  ['Route: sip'],
  ['Refer-To: <>'],
  ['P-Asserted-Identity: anonymous'],
  ['Remote-Party-ID: "unbalanced <sip:a@b>'],
  ['Authorization: Digest'],
  ['Authorization: Digest =x'],
  ['WWW-Authenticate: Digest realm'],
])('%s, which drachtio-srf cannot read or reads as something else, is refused', (line) => {
  expect(verdict(requestWith(line))).toMatchObject({ status: 400 });
});

const fragment = fc.constantFrom(
  ...[
    '"',
    '"a"',
    'a',
    ' ',
    '<',
    '>',
    '<sip:a@b>',
    'sip:a@b',
    ';',
    ';tag=x',
    ';a="b"',
    ',',
    '=',
    '\\',
    '*',
    ':',
  ],
  ...['tel:1', '[::1]', 'SIP/2.0/UDP', 'h:1', 'Digest ', 'realm="x"', '\t', 'ü', '%41', '\u00a0', '\u2028'],
);
const names = [
  'From',
  'To',
  'Contact',
  'Route',
  'Refer-To',
  'Via',
  'P-Asserted-Identity',
  'Authorization',
  'CSeq',
];

test('what we accept, drachtio-srf reads without throwing', () => {
  const header = fc.tuple(fc.constantFrom(...names), fc.array(fragment, { maxLength: 8 }));
  fc.assert(
    fc.property(header, ([name, parts]) => {
      const line = `${name}: ${parts.join('')}`;
      const base = requestWith().toString();
      const once = new RegExp(`^${name}:.*$`, 'm');
      const text = once.test(base) ? base.replace(once, () => line) : requestWith(line).toString();
      const result = verdict(Buffer.from(text));
      if (!(result instanceof SipParseError)) readBySrf(result);
    }),
    { numRuns: 5_000 },
  );
});
