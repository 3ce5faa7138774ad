import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamFramer, type Frame } from '#signaling/sip/stack/transport/streamFramer.ts';
import { optionsRequest } from './support.ts';

function framesOf(chunks: readonly Buffer[]): Frame[] {
  const framer = new StreamFramer();
  return chunks.flatMap((chunk) => [...framer.push(chunk)]);
}

function texts(frames: readonly Frame[]): string[] {
  return frames.map((frame) => (frame.kind === 'message' ? frame.bytes.toString('latin1') : frame.kind));
}

function statusOf(frames: readonly Frame[]): number | undefined {
  const last = frames.at(-1);
  return last?.kind === 'fault' ? last.error.status : undefined;
}

/** Cuts `bytes` at every place in `cuts`. */
function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

const element = fc.oneof(
  fc.string({ maxLength: 60 }).map((body) => optionsRequest({ body })),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => {
    const head = optionsRequest().toString().replace('Content-Length: 0', `l: ${bytes.length}`);
    return Buffer.concat([Buffer.from(head), bytes]);
  }),
  fc.constantFrom('\r\n\r\n', '\r\n', '\0\0').map((text) => Buffer.from(text)),
);

test('any split of a stream gives the same messages and pings', () => {
  const cases = fc.array(element, { minLength: 1, maxLength: 6 }).chain((elements) => {
    const stream = Buffer.concat(elements);
    return fc.tuple(fc.constant(stream), fc.array(fc.nat(stream.length), { maxLength: 20 }));
  });
  fc.assert(
    fc.property(cases, ([stream, cuts]) => {
      expect(texts(framesOf(split(stream, cuts)))).toEqual(texts(framesOf([stream])));
    }),
    { numRuns: 300 },
  );
});

test('every message of a stream comes out as it went in, byte by byte too', () => {
  const messages = ['', 'v=0\r\n\r\n', 'INVITE sip:x SIP/2.0\r\n\r\n'].map((body) =>
    optionsRequest({ body }),
  );
  const stream = Buffer.concat(messages);
  const expected = messages.map((message) => message.toString('latin1'));
  expect(texts(framesOf([stream]))).toEqual(expected);
  expect(texts(framesOf([...stream].map((byte) => Buffer.of(byte))))).toEqual(expected);
});

test('a double CRLF between messages is a ping, a single one is nothing (RFC 5626 §4.4.1)', () => {
  const message = optionsRequest();
  const frames = framesOf([Buffer.from('\r\n'), message, Buffer.from('\r\n\r\n\0\r\n'), message]);
  expect(frames.map(({ kind }) => kind)).toEqual(['message', 'ping', 'message']);
});

test('a frame owns its bytes: what comes later does not change it', () => {
  const framer = new StreamFramer();
  const message = optionsRequest({ callId: 'first@test' });
  const [frame] = [...framer.push(message)];
  const before = texts(frame === undefined ? [] : [frame]);
  for (let i = 0; i < 20; i += 1) Array.from(framer.push(optionsRequest({ callId: `${i}@test` })));
  expect(texts(frame === undefined ? [] : [frame])).toEqual(before);
});

test.each([
  ['HTTP', 'GET / HTTP/1.1\r\n', 400],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n', 400],
  ['a TLS ClientHello', '\x16\x03\x01\x02\x00\x01', 400],
  ['bare line feeds', 'OPTIONS sip:a@b SIP/2.0\n', 400],
  ['an SSH greeting', 'SSH-2.0-OpenSSH_9.2\r\n', 400],
  ['a start line without end', 'OPTIONS sip:'.padEnd(9_000, 'a'), 414],
])('%s is a fault before the head is complete', (_name, text, status) => {
  expect(statusOf(framesOf([Buffer.from(text, 'latin1')]))).toBe(status);
});

const head = 'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\n';

test.each([
  ['no Content-Length', `${head}\r\n`, 400],
  ['two of them', `${head}Content-Length: 0\r\nl: 0\r\n\r\n`, 400],
  ['a negative one', `${head}Content-Length: -1\r\n\r\n`, 400],
  ['a body over the limit', `${head}Content-Length: 1048577\r\n\r\n`, 513],
  ['a head over the limit', `${head}X: ${'a'.repeat(1_000_000)}`, 513],
  ['20,000 header fields', `${head}${'X: 1\r\n'.repeat(20_000)}\r\n`, 513],
])('a message with %s ends the stream and can be answered', (_name, text, status) => {
  const frames = framesOf([Buffer.from(text)]);
  expect(statusOf(frames)).toBe(status);
  const fault = frames.at(-1);
  expect(fault?.kind === 'fault' && fault.error.unreadable?.headers.get('Via')).toContain('z9hG4bK1');
});

test('after a fault nothing is read any more', () => {
  const framer = new StreamFramer();
  expect([...framer.push(Buffer.from('junk\r\n\r\n'))]).toHaveLength(1);
  expect([...framer.push(optionsRequest())]).toHaveLength(0);
  expect(framer.midMessage).toBe(false);
});

test('a megabyte that comes byte by byte costs linear time', () => {
  const framer = new StreamFramer();
  const message = optionsRequest({ body: 'a'.repeat(1_000_000) });
  const count = (): number => {
    let frames = 0;
    for (let at = 0; at < message.length; at += 1) {
      frames += [...framer.push(message.subarray(at, at + 1))].length;
    }
    return frames;
  };
  // Quadratic time would be hours; the test's own time-out is the bound.
  expect(count()).toBe(1);
}, 20_000);

test('whatever comes, the framer ends with messages, pings or one fault', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
      const frames = framesOf(chunks.map((chunk) => Buffer.from(chunk)));
      expect(frames.slice(0, -1).every(({ kind }) => kind !== 'fault')).toBe(true);
    }),
  );
});
