import { expect, test } from 'vitest';
import {
  SipParseError,
  createRefusal,
  parseMessage,
  parseNameAddr,
  parseUri,
  type SipRequest,
  type SipResponse,
} from '#signaling/sip/stack/message/index.ts';
import { bytesOf, tortureNames } from './support.ts';

function parse(name: string): SipRequest | SipResponse {
  return parseMessage(bytesOf(name));
}

function request(name: string): SipRequest {
  const message = parse(name);
  if (message.kind !== 'request') throw new Error(`${name} is a response`);
  return message;
}

function faultOf(name: string): SipParseError {
  try {
    parse(name);
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
  throw new Error(`${name} was accepted`);
}

/** RFC 4475 §3.1.1, and of §3.2 to §3.4 what is well formed and for a higher layer to judge. */
const accepted = [
  ...[
    'wsinv',
    'intmeth',
    'esc01',
    'escnull',
    'esc02',
    'lwsdisp',
    'longreq',
    'dblreq',
    'semiuri',
    'transports',
  ],
  ...[
    'mpart01',
    'unreason',
    'noreason',
    'badbranch',
    'unksm2',
    'bext01',
    'invut',
    'regaut01',
    'bcast',
    'zeromf',
  ],
  ...['cparam01', 'cparam02', 'regescrt', 'sdp01', 'inv2543'],
];

/** RFC 4475 §3.1.2 and the rest of §3.3, with the answer that is due; 0 where the message is dropped. */
const refused: Readonly<Record<string, number>> = {
  badinv01: 400,
  clerr: 400,
  ncl: 400,
  scalar02: 400,
  scalarlg: 0,
  quotbal: 400,
  ltgtruri: 400,
  lwsruri: 400,
  lwsstart: 400,
  trws: 400,
  escruri: 400,
  baddate: 400,
  regbadct: 400,
  badaspec: 400,
  baddn: 400,
  badvers: 505,
  mismatch01: 400,
  mismatch02: 400,
  bigcode: 0,
  insuf: 400,
  unkscm: 416,
  novelsc: 416,
  multi01: 400,
  mcl01: 400,
};

test('every message of RFC 4475 has a verdict', () => {
  expect([...accepted, ...Object.keys(refused)].toSorted()).toEqual(tortureNames.toSorted());
  expect(tortureNames).toHaveLength(49);
});

test.each(accepted)('%s is accepted', (name) => {
  expect(() => parse(name)).not.toThrow();
});

test.each(accepted)('%s means the same after it was written and read again', (name) => {
  const first = parse(name);
  const again = parseMessage(first.toBuffer());
  expect([...again.headers].filter(([header]) => header !== 'Content-Length')).toEqual(
    [...first.headers].filter(([header]) => header !== 'Content-Length'),
  );
  expect(again.body).toEqual(first.body);
});

test.each(Object.entries(refused))('%s is refused with %i', (name, status) => {
  const answer = createRefusal(faultOf(name), 'ours');
  expect(answer?.status ?? 0).toBe(status);
  if (answer === undefined) return;
  expect(answer.headers.get('Via')).toBeDefined();
  expect(() => answer.toBuffer()).not.toThrow();
});

test('a refusal carries what the sender needs to find its transaction', () => {
  const answer = createRefusal(faultOf('lwsstart'), 'ours');
  expect(answer?.headers.get('Call-ID')).toBe('lwsstart.dfknq234oi243099adsdfnawe3@example.com');
  expect(answer?.headers.get('CSeq')).toBe('1893884 INVITE');
  expect(answer?.headers.get('To')).toBe('sip:user@example.com;tag=ours');
  expect(answer?.headers.get('Via')).toBe('SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw3923');
});

test('wsinv: white space, folding and compact forms mean what they say (§3.1.1.1)', () => {
  const message = request('wsinv');
  expect(message.to.uri).toBe('sip:vivekg@chair-dnrc.example.com');
  expect(message.to.parameters.get('tag')).toBe('1918181833n');
  expect(message.from.displayName).toBe('J Rosenberg \\"');
  expect(message.from.parameters.get('tag')).toBe('98asjd8');
  expect(message.cseq).toEqual({ number: 9, method: 'INVITE' });
  expect(message.via).toMatchObject({ transport: 'UDP', host: '192.0.2.2' });
  expect(message.headers.list('Via')).toHaveLength(3);
  expect(message.headers.get('Subject')).toBe('');
  const contact = parseNameAddr(message.headers.get('Contact') ?? '');
  expect(contact.displayName).toBe('Quoted string ""');
  expect([...contact.parameters]).toEqual([
    ['newparam', 'newvalue'],
    ['secondparam', ''],
    ['q', '0.33'],
  ]);
  expect(message.body).toHaveLength(150);
});

test('intmeth: methods, users, tokens and names may hold every character that the grammar has (§3.1.1.2)', () => {
  const message = request('intmeth');
  expect(message.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
  expect(parseUri(message.uri).user).toBe("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
  expect(parseUri(message.uri).host).toBe('example.com');
  expect(message.to.displayName).toBe('BEL:\u0007 NUL:\u0000 DEL:\u007f');
  expect(message.from.parameters.get("fromparam''~+*_!.-%")).toBe('"работающий"');
  expect(message.headers.get("extensionHeader-!.%*+_`'~")).toBe('\ufeff大停電');
});

test('escapes in methods and header names are not undone (§3.1.1.5)', () => {
  const message = request('esc02');
  expect(message.method).toBe('RE%47IST%45R');
  expect(message.headers.all('Contact')).toHaveLength(2);
  expect(message.to.displayName).toBe('%Z%45');
});

test('longreq: long values and all Via fields are read in order (§3.1.1.7)', () => {
  const message = request('longreq');
  expect(message.headers.all('Via')).toHaveLength(34);
  expect(message.via.host).toBe('sip33.example.com');
  expect(message.from.parameters.get('tag')).toHaveLength(155);
});

test('dblreq: what follows the first message in a datagram is ignored (§3.1.1.8)', () => {
  const message = request('dblreq');
  expect(message.method).toBe('REGISTER');
  expect(message.body).toHaveLength(0);
});

test('mpart01: a binary body keeps its bytes (§3.1.1.11)', () => {
  const message = request('mpart01');
  expect(message.body).toHaveLength(553);
  expect(message.body).toEqual(bytesOf('mpart01').subarray(-553));
});

test('a reason phrase may be missing or UTF-8 (§3.1.1.12, §3.1.1.13)', () => {
  expect(parse('noreason')).toMatchObject({ status: 100, reason: '' });
  expect((parse('unreason') as SipResponse).reason).toBe('= 2**3 * 5**2 но сто девяносто девять - простое');
});

test('parameters belong to the header outside angle brackets and to the URI inside (§3.3.12, §3.3.13)', () => {
  const outside = parseNameAddr(request('cparam01').headers.get('Contact') ?? '');
  expect(outside.uri).toBe('sip:+19725552222@gw1.example.net');
  expect(outside.parameters.has('unknownparam')).toBe(true);
  const inside = parseNameAddr(request('cparam02').headers.get('Contact') ?? '');
  expect(parseUri(inside.uri).parameters.has('unknownparam')).toBe(true);
});
