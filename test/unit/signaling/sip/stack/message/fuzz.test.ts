import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  SipParseError,
  createRefusal,
  parseHead,
  type SipRequest,
} from '#signaling/sip/stack/message/index.ts';
import { bytesOf, messageOf, requestWith, tortureNames, verdict } from './support.ts';

const seeds = tortureNames.map(bytesOf);
const spice = [
  '\r\n',
  '\r\n ',
  '"',
  '<',
  '>',
  ';',
  ',',
  '\\',
  '%',
  '\0',
  ':',
  ' ',
  '@',
  '[',
  ']',
  '\xff',
  '=',
];

interface Change {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(20),
  put: fc.oneof(fc.constantFrom(...spice), fc.string({ maxLength: 8 })),
});

function mutate(seed: Buffer, changes: readonly Change[]): Buffer {
  let text = seed.toString('latin1');
  for (const { at, cut, put } of changes) {
    const place = Math.floor(at * text.length);
    text = text.slice(0, place) + put + text.slice(place + cut);
  }
  return Buffer.from(text, 'latin1');
}

const mutated = fc
  .tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 5 }))
  .map(([seed, changes]) => mutate(seed, changes));

test('random changes to real messages give a message or a refusal, and both can be written', () => {
  fc.assert(
    fc.property(mutated, (bytes) => {
      const result = verdict(bytes);
      if (result instanceof SipParseError) {
        createRefusal(result, 'tag')?.toBuffer();
        return;
      }
      // What was accepted is accepted again when we send it on, and means the same.
      const again = verdict(result.toBuffer());
      if (again instanceof SipParseError) throw again;
      expect(again.from).toEqual(result.from);
      expect(again.via).toEqual(result.via);
      expect(again.body).toEqual(result.body);
    }),
    { numRuns: 3_000 },
  );
});

test('random bytes are refused and nothing worse', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
      expect(verdict(Buffer.from(bytes))).toBeInstanceOf(SipParseError);
    }),
  );
});

test('reading the head of what an application wrote throws nothing but SipParseError', () => {
  fc.assert(
    fc.property(mutated, (bytes) => {
      try {
        parseHead(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(SipParseError);
      }
    }),
  );
});

interface Form {
  readonly order: number;
  readonly compact: boolean;
  readonly upper: boolean;
  readonly before: string;
  readonly after: string;
}

const fields = [
  ['Via', 'v', 'SIP/2.0/UDP peer.example;branch=z9hG4bK1'],
  ['From', 'f', '"A \\"B\\"" <sip:peer@peer.example>;tag=a'],
  ['To', 't', '<sip:room@zone.example>;x="y;z"'],
  ['Call-ID', 'i', 'one@test'],
  ['CSeq', 'CSeq', '7 REFER'],
  ['Contact', 'm', '<sip:peer@192.0.2.1:5060;transport=tcp>;q=0.5'],
  ['Refer-To', 'r', '<sip:other@zone.example?Replaces=a%3Bb>'],
  ['Referred-By', 'b', '<sip:peer@peer.example>'],
  ['Event', 'o', 'conference'],
  ['Allow-Events', 'u', 'conference, refer'],
  ['Session-Expires', 'x', '1800;refresher=uac'],
  ['Content-Encoding', 'e', 'gzip'],
  ['Supported', 'k', '100rel, timer'],
  ['Content-Type', 'c', 'text/plain;charset=utf-8'],
  ['Content-Length', 'l', '4'],
] as const;

const form: fc.Arbitrary<Form> = fc.record({
  order: fc.nat(),
  compact: fc.boolean(),
  upper: fc.boolean(),
  before: fc.constantFrom('', ' ', '\t', '  '),
  after: fc.constantFrom('', ' ', '\r\n ', '\r\n\t  '),
});

function written(forms: readonly Form[]): Buffer {
  const lines = fields.map(([long, short, value], i) => {
    const { order = 0, compact = false, upper = false, before = '', after = '' } = forms[i] ?? {};
    const name = compact ? short : long;
    return { order, line: `${upper ? name.toUpperCase() : name}${before}:${after}${value}` };
  });
  const sorted = lines.toSorted((a, b) => a.order - b.order).map(({ line }) => line);
  return messageOf(['REFER sip:room@zone.example SIP/2.0', ...sorted], 'body and what follows it');
}

function meaning(message: SipRequest): unknown {
  const headers = fields.map(([name]) => [name, message.headers.get(name)]);
  const { method, uri, via, from, to, callId, cseq } = message;
  return { headers, body: message.body.toString(), method, uri, via, from, to, callId, cseq };
}

test('order, case, compact forms, white space and folding change nothing (RFC 3261 §7.3)', () => {
  const plain = verdict(written([])) as SipRequest;
  expect(plain.headers.get('Session-Expires')).toBe('1800;refresher=uac');
  fc.assert(
    fc.property(fc.array(form, { minLength: fields.length, maxLength: fields.length }), (forms) => {
      const message = verdict(written(forms));
      if (message instanceof SipParseError) throw message;
      expect(meaning(message as SipRequest)).toEqual(meaning(plain));
    }),
    { numRuns: 500 },
  );
});

const names = ['From', 'Contact', 'Via', 'Route', 'Date', 'Content-Type', 'Authorization', 'Call-ID', 'X'];
const pieces = [
  'a ',
  '"',
  '\\',
  '<',
  ';a',
  ';a=',
  'a.',
  'a-',
  ' ',
  ',',
  '%41',
  'sip:',
  '@',
  '[',
  'a=b,',
  '"\\"',
  '((',
  '\r\n ',
];

test('no header of the largest size takes more than linear time', () => {
  for (const name of names) {
    for (const piece of pieces) {
      for (const start of ['', '"', '<sip:', 'sip:a@', 'SIP/2.0/UDP ', 'Digest a="']) {
        const value = `${start}${piece.repeat(Math.floor(8_000 / piece.length))}`;
        // Anything worse than linear takes minutes here; the test's time-out is the bound.
        verdict(requestWith(`${name}: ${value}`));
      }
    }
  }
}, 20_000);
