import { expect, test } from 'vitest';
import {
  formatNameAddr,
  formatUri,
  formatVia,
  isHost,
  parseNameAddr,
  parseUri,
  parseVia,
  quote,
  splitList,
  unquote,
  withParameter,
} from '#signaling/sip/stack/message/index.ts';

test('a URI is taken apart as RFC 3261 §19.1 says', () => {
  const uri = parseUri(
    'sips:alice:secret@[2001:DB8::1]:5061;transport=TCP;lr?subject=project%20x&priority=urgent',
  );
  expect(uri).toMatchObject({ scheme: 'sips', user: 'alice', host: '[2001:db8::1]', port: 5061 });
  expect([...uri.parameters]).toEqual([
    ['transport', 'TCP'],
    ['lr', ''],
  ]);
  expect(uri.headers).toBe('subject=project%20x&priority=urgent');
});

test.each([
  'sip:alice@example.com',
  'sip:example.com:5060;lr',
  'sip:%40x%3a@[::1]',
  'sip:*21%23@pbx',
  'sip:#21#@pbx',
  'sip:+1-212-555-1212:1234@gateway.com;user=phone',
  'sip:alice@docker_container.',
  'tel:+1-201-555-0123;phone-context=+1',
])('%s is a URI', (text) => {
  const uri = parseUri(text);
  // The password is not kept: it must not end up in a log or in a header of ours.
  expect(formatUri(uri)).toBe(text.toLowerCase().replace(':1234@', '@'));
});

test.each([
  ['', 400],
  ['sip:', 400],
  ['sip:@host', 400],
  ['sip:a b@host', 400],
  ['sip:a@b@host', 400],
  ['sip:a%4@host', 400],
  ['sip:a@-host', 400],
  ['sip:a@300.1.1.1', 400],
  ['sip:a@[::1', 400],
  ['sip:a@[fe80::1%25eth0]', 400],
  ['sip:a@host:0', 400],
  ['sip:a@host:65536', 400],
  ['sip:a@host:', 400],
  ['sip:a@host;lr;lr=on', 400],
  ['sip:a@host;', 400],
  ['sip:a@host?x', 400],
  ['tel:not-a-number', 400],
  ['http://example.com/', 416],
])('%s is no SIP URI and refused with %i', (text, status) => {
  expect(() => parseUri(text)).toThrow(expect.objectContaining({ status }) as Error);
});

test.each([
  ['example.com', true],
  ['a', true],
  ['192.0.2.1', true],
  ['[::1]', true],
  ['::1', false],
  ['1.2.3', false],
  ['a..b', false],
  ['a_b', true],
  [`${'a'.repeat(60)}.`.repeat(5), false],
])('isHost(%s) is %s', (text, expected) => {
  expect(isHost(text)).toBe(expected);
});

test('a name-addr is written so that it is read back the same', () => {
  const value = {
    displayName: 'A "quoted" \\ name, <Ärger>',
    uri: 'sip:a@b;x=y',
    parameters: new Map([['tag', 'one']]),
  };
  expect(parseNameAddr(formatNameAddr(value))).toEqual(value);
  expect(formatNameAddr(value)).toBe('"A \\"quoted\\" \\\\ name, <Ärger>" <sip:a@b;x=y>;tag=one');
  expect(withParameter(value, 'tag', 'two').parameters.get('tag')).toBe('two');
  expect(value.parameters.get('tag')).toBe('one');
});

test('quoting keeps every text in one line', () => {
  expect(unquote(quote('a"b\\c'))).toBe('a"b\\c');
  expect(quote('a\r\nVia: evil')).toBe('"a Via: evil"');
  expect(unquote('token')).toBe('token');
});

test('a Via is read with its white space, and written without', () => {
  const via = parseVia(
    'SIP / 2.0 / tls  [2001:DB8::1] : 5061 ; branch = z9hG4bKx ; rport ; Received = 192.0.2.1',
  );
  expect(via).toMatchObject({ transport: 'TLS', host: '[2001:DB8::1]', port: 5061 });
  expect(formatVia(via)).toBe('SIP/2.0/TLS [2001:DB8::1]:5061;branch=z9hG4bKx;rport;received=192.0.2.1');
});

test.each([
  'SIP/2.0/UDP',
  'SIP/3.0/UDP h',
  'SIP/2.0/UDP h;;',
  'SIP/2.0/UDP h:x',
  'SIP/2.0/UDP h h',
  'UDP h',
  '',
])('Via "%s" is refused', (text) => {
  expect(() => parseVia(text)).toThrow('400');
});

test('commas split only outside quotes and angle brackets', () => {
  expect(splitList('"a, \\", b" <sip:c,d@e> , f,,<g')).toEqual(['"a, \\", b" <sip:c,d@e>', 'f', '', '<g']);
});

test('a URI parameter may be repeated with the same value, as baresip does, and not with another', () => {
  expect(parseUri('sip:bob@a.example;transport=tls;transport=tls').parameters.get('transport')).toBe('tls');
  expect(() => parseUri('sip:bob@a.example;transport=tls;transport=tcp')).toThrow('Repeated URI Parameter');
});
