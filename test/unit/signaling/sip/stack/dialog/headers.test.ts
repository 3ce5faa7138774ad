import { expect, test } from 'vitest';
import { contactAtOurHost, isSecure, ourContact, withOurHost } from '#signaling/sip/stack/dialog/contact.ts';
import { contentType, draftHeaders } from '#signaling/sip/stack/dialog/draftHeaders.ts';
import { refuseNew } from '#signaling/sip/stack/dialog/refusals.ts';
import { routed } from '#signaling/sip/stack/dialog/routeSet.ts';
import { HeaderList } from '#signaling/sip/stack/message/index.ts';
import { RecordingFlow, request } from '../transaction/support.ts';

const udp = new RecordingFlow();
const tcp = new RecordingFlow('tcp');

function draft(headers: readonly (readonly [string, string])[], body = '') {
  return { method: 'INVITE', uri: 'sip:b@b', headers: new HeaderList(headers), body: Buffer.from(body) };
}

test('our Contact names the transport, and is a SIPS URI only for a request to one', () => {
  expect(ourContact(udp, false, undefined)).toBe('<sip:127.0.0.1:5060>');
  expect(ourContact(tcp, false, 'isfocus')).toBe('<sip:127.0.0.1:5060;transport=tcp>;isfocus');
  expect(ourContact(tcp, true, undefined)).toBe('<sips:127.0.0.1:5060>');
  expect(isSecure(request('INVITE'))).toBe(false);
  expect(isSecure(request('INVITE', [['Record-Route', '<sips:proxy.example;lr>']]))).toBe(true);
});

test("the application's Contact keeps its parameters and gets our address and transport for localhost", () => {
  expect(contactAtOurHost('<sip:room@localhost>;isfocus', tcp)).toBe(
    '<sip:room@127.0.0.1:5060;transport=tcp>;isfocus',
  );
  expect(contactAtOurHost('sip:room@localhost', udp)).toBe('<sip:room@127.0.0.1:5060>');
  expect(contactAtOurHost('<sip:a@localhost>;x="b@localhost"', udp)).toBe(
    '<sip:a@127.0.0.1:5060>;x="b@localhost"',
  );
});

test.each([
  '<sip:a@b.example>',
  '<sip:a@localhost.example>',
  '<sip:a@localhost:5070>',
  '"a@localhost" <sip:a@b.example>',
])('an address that is not ours stays as it is: %s', (value) => {
  expect(contactAtOurHost(value, tcp)).toBe(value);
  expect(withOurHost(value, tcp)).toBe(value);
});

test('the application may set any header but those that belong to the transaction and the dialog', () => {
  const written = draft([
    ['via', 'x'],
    ['Route', 'x'],
    ['from', 'x'],
    ['content-length', '3'],
    ['reason', 'Q.850;cause=16'],
    ['p-asserted-identity', '<sip:a@localhost>'],
    ['x-Mine', '1'],
    ['www-authenticate', 'Digest realm="a"'],
  ]);
  expect(draftHeaders(written, udp)).toEqual([
    ['Reason', 'Q.850;cause=16'],
    ['P-Asserted-Identity', '<sip:a@127.0.0.1:5060>'],
    ['x-Mine', '1'],
    ['WWW-Authenticate', 'Digest realm="a"'],
  ]);
});

test('SDP is recognized by itself, any other body must be named', () => {
  expect(contentType(draft([], 'v=0\r\n'))).toEqual([['Content-Type', 'application/sdp']]);
  expect(contentType(draft([['Content-Type', 'text/plain']], 'hello'))).toEqual([]);
  expect(() => contentType(draft([], 'hello'))).toThrow('missing content-type');
});

test('a loose route is a Route, a strict one the Request-URI', () => {
  expect(routed('sip:b@b', ['<sip:p1;lr>', '<sip:p2;lr>'])).toEqual({
    uri: 'sip:b@b',
    routes: ['<sip:p1;lr>', '<sip:p2;lr>'],
  });
  expect(routed('sip:b@b', ['<sip:p1>', '<sip:p2;lr>'])).toEqual({
    uri: 'sip:p1',
    routes: ['<sip:p2;lr>', '<sip:b@b>'],
  });
});

test.each([
  ['BYE', [], 481],
  ['PRACK', [], 481],
  ['DANCE', [], 501],
  ['INVITE', [['Require', 'unheard-of, 100rel']], 420],
  ['INVITE', [['Max-Forwards', '0']], 483],
  ['OPTIONS', [['Max-Forwards', '0']], undefined],
  ['INVITE', [['From', '<sip:a@a.example>']], 400],
  ['INVITE', [['Contact', '*']], 400],
  ['INVITE', [['From', '<sip:a@a.example>;tag="a|b"']], 400],
  ['INVITE', [], undefined],
  ['REFER', [], undefined],
] as const)('outside of dialogs %s with %j gets %s', (method, headers, status) => {
  expect(refuseNew(request(method, headers), ['100rel', 'timer'])?.status).toBe(status);
});
