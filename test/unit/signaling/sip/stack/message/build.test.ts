import { expect, test } from 'vitest';
import {
  HeaderList,
  type SipParseError,
  createRefusal,
  createRequest,
  createResponse,
  maxHeaderCount,
  parseMessage,
  type SipRequest,
} from '#signaling/sip/stack/message/index.ts';
import { messageOf, requestWith, verdict } from './support.ts';

const request = parseMessage(
  requestWith(
    'v: SIP/2.0/UDP two.example',
    'Record-Route: <sip:p1;lr>',
    'Record-Route: <sip:p2;lr>',
    'Timestamp: 54',
  ),
) as SipRequest;

test('a response takes from the request what RFC 3261 §8.2.6 says', () => {
  const ok = createResponse(request, 200, 'OK', { toTag: 'b', body: Buffer.from('ü') });
  expect(ok.headers.all('Via')).toEqual(request.headers.all('Via'));
  expect(ok.headers.all('Record-Route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>']);
  expect(ok.headers.has('Timestamp')).toBe(false);
  expect(ok.to.parameters.get('tag')).toBe('b');
  expect(ok.toBuffer().toString()).toMatch(/^SIP\/2\.0 200 OK\r\n[^]*Content-Length: 2\r\n\r\nü$/);
  expect(createResponse(request, 404).headers.has('Record-Route')).toBe(false);
  expect(createResponse(request, 100).headers.get('Timestamp')).toBe('54');
});

test('a To tag of the request stays', () => {
  const within = parseMessage(
    Buffer.from(requestWith().toString().replace('zone.example>', 'zone.example>;tag=x')),
  );
  expect(createResponse(within as SipRequest, 200, 'OK', { toTag: 'y' }).to.parameters.get('tag')).toBe('x');
});

test('the reason is the registered one unless another is given', () => {
  expect(createResponse(request, 486).reason).toBe('Busy Here');
  expect(createResponse(request, 499).reason).toBe('Bad Request');
  expect(createResponse(request, 486, 'The meeting is full').reason).toBe('The meeting is full');
});

test('a request is written and read back', () => {
  const headers = [...request.headers];
  const made = createRequest({ method: 'OPTIONS', uri: 'sip:a@[::1]', headers, body: Buffer.from([0, 255]) });
  const read = parseMessage(made.toBuffer());
  expect(read).toMatchObject({ method: 'OPTIONS', uri: 'sip:a@[::1]', callId: 'one@test' });
  expect(read.body).toEqual(Buffer.from([0, 255]));
  expect(read.sizeBytes).toBe(made.sizeBytes);
});

test('what was read is read again after a header was written', () => {
  const made = createRequest({ method: 'OPTIONS', uri: 'sip:a@b', headers: request.headers });
  expect(made.cseq.number).toBe(1);
  made.headers.set('CSeq', '2 OPTIONS');
  made.headers.prepend('Via', 'SIP/2.0/TLS zone.example;branch=z9hG4bKx');
  expect(made.cseq.number).toBe(2);
  expect(made.via.transport).toBe('TLS');
  made.headers.delete('To');
  expect(() => made.to).toThrow('has no To yet');
});

test('nothing that would start another line or header can be written', () => {
  const headers = new HeaderList();
  expect(() => headers.append('X', 'a\r\nVia: evil')).toThrow('one line');
  expect(() => headers.set('X: y', 'a')).toThrow('token');
  expect(() => createResponse(request, 200, 'OK\r\nX: y')).toThrow('one line');
  expect(() => createRequest({ method: 'A B', uri: 'sip:a', headers })).toThrow('token');
  expect(() => createRequest({ method: 'A', uri: 'sip:a\r\nX: y', headers })).toThrow('white space');
});

test('header fields keep order and spelling, and are found by either name', () => {
  const headers = new HeaderList([
    ['x-One', '1'],
    ['m', '<sip:a>'],
    ['X-ONE', '2, 3'],
    ['contact', '<sip:b>'],
  ]);
  expect([...headers].map(([name]) => name)).toEqual(['x-One', 'Contact', 'X-ONE', 'contact']);
  expect(headers.list('X-One')).toEqual(['1', '2', '3']);
  expect(headers.all('M')).toEqual(['<sip:a>', '<sip:b>']);
  headers.set('Contact', '*');
  expect([...headers].map(([, value]) => value)).toEqual(['1', '*', '2, 3']);
});

test.each([
  ['a start line', `OPTIONS sip:${'a'.repeat(8_192)} SIP/2.0`, 414],
  ['a header line', `X: ${'a'.repeat(8_192)}`, 513],
  ['a number of header fields', Array.from({ length: maxHeaderCount }, () => 'X: 1').join('\r\n'), 513],
])('%s over the limit is refused', (_what, text, status) => {
  const bytes = text.startsWith('OPTIONS') ? messageOf([text]) : requestWith(text);
  expect(verdict(bytes)).toMatchObject({ status });
});

test.each([
  ['a body shorter than it says', 'Content-Length: 1'],
  ['a negative length', 'Content-Length: -1'],
  ['a hexadecimal length', 'Content-Length: 0x0'],
  ['two CSeq', 'CSeq: 2 OPTIONS'],
  ['a line that is no header', 'nothing'],
  ['a name with white space', 'X Y: 1'],
  ['a bare CR', 'X: a\rb'],
  ['a bare LF', 'X: a\nb'],
  ['a NUL', 'X: a\0b'],
  ['too many hops', 'Max-Forwards: 256'],
  ['an option tag that is none', 'Require: a b'],
  ['a content type that is none', 'Content-Type: sdp'],
])('a request with %s is refused with 400', (_what, line) => {
  expect(verdict(requestWith(line))).toMatchObject({ status: 400 });
});

test('bytes that are no UTF-8 are refused in a head and kept in a body', () => {
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
  expect(verdict(Buffer.concat([requestWith().subarray(0, -2), latin1('X: \xff\r\n\r\n')]))).toMatchObject({
    status: 400,
  });
  const body = Buffer.concat([requestWith('Content-Type: a/b'), latin1('\xff')]);
  expect((verdict(body) as SipRequest).body).toEqual(latin1('\xff'));
});

test('a CSeq must stay below 2**31 (RFC 3261 §8.1.1.5)', () => {
  const withCSeq = (number: string): Buffer =>
    Buffer.from(requestWith().toString().replace('CSeq: 1', `CSeq: ${number}`));
  expect(verdict(withCSeq('2147483647'))).toMatchObject({ cseq: { number: 2_147_483_647 } });
  expect(verdict(withCSeq('2147483648'))).toMatchObject({ status: 400 });
});

test('a fold right after the start line is no part of it', () => {
  const [start = '', ...rest] = requestWith().toString().split('\r\n');
  expect(verdict(Buffer.from([start, ' folded', ...rest].join('\r\n')))).toMatchObject({ status: 400 });
});

test('no answer goes to a response, to an ACK, to what is no SIP, or to nobody', () => {
  const refusal = (bytes: Buffer): unknown => createRefusal(verdict(bytes) as SipParseError, 'tag');
  expect(refusal(Buffer.from('SIP/2.0 999 x\r\nVia: a\r\n\r\n'))).toBeUndefined();
  expect(refusal(Buffer.from('ACK sip:a SIP/2.0\r\nVia: a\r\n\r\n'))).toBeUndefined();
  expect(refusal(Buffer.from('GET / HTTP/1.1\r\nVia: 1.1 a\r\n\r\n'))).toBeUndefined();
  expect(refusal(Buffer.from('OPTIONS sip:a SIP/2.0\r\n\r\n'))).toBeUndefined();
  expect(refusal(Buffer.from('OPTIONS sip:a SIP/2.0\r\nVia: a\r\n\r\n'))).toMatchObject({ status: 400 });
});
