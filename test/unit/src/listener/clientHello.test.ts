import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseClientHello } from '#src/listener/clientHello.ts';
import { extension, helloMessage, inRecords, realHello, serverNameExtension } from './helloBytes.ts';

test('the opening of a real client, hybrid and longer than one segment, tells its server name', async () => {
  const bytes = await realHello({ servername: 'Meetme.localhost' });
  expect(bytes.length).toBeGreaterThan(1_500);
  expect(parseClientHello(bytes)).toEqual({ state: 'whole', serverName: 'meetme.localhost' });
});

test('a real client without a name, and one of TLS 1.2, are read too', async () => {
  expect(parseClientHello(await realHello({ servername: '' }))).toEqual({ state: 'whole' });
  const old = await realHello({ servername: 'a.example', maxVersion: 'TLSv1.2' });
  expect(parseClientHello(old)).toEqual({ state: 'whole', serverName: 'a.example' });
});

test('an opening without any extension names nobody', () => {
  expect(parseClientHello(inRecords(helloMessage()))).toEqual({ state: 'whole' });
});

test('an opening may be spread over records of any size', () => {
  const message = helloMessage([extension(0xff01, Buffer.from([0])), serverNameExtension('a.example')]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: message.length }), (recordBytes) => {
      const bytes = inRecords(message, recordBytes);
      expect(parseClientHello(bytes)).toEqual({ state: 'whole', serverName: 'a.example' });
    }),
  );
});

test('an opening that is cut off anywhere is incomplete, and what it needs is more and never too much', () => {
  const bytes = inRecords(helloMessage([serverNameExtension('a.example')]), 30);
  for (let length = 0; length < bytes.length; length += 1) {
    const parsed = parseClientHello(bytes.subarray(0, length));
    expect(parsed.state).toBe('incomplete');
    if (parsed.state !== 'incomplete') continue;
    expect(parsed.neededBytes).toBeGreaterThan(length);
    expect(parsed.neededBytes).toBeLessThanOrEqual(bytes.length);
  }
});

test('what follows the opening does not matter', () => {
  const bytes = Buffer.concat([
    inRecords(helloMessage([serverNameExtension('a.example')])),
    Buffer.alloc(9, 1),
  ]);
  expect(parseClientHello(bytes)).toEqual({ state: 'whole', serverName: 'a.example' });
});

test.each([
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n')],
  ['a SIP request', Buffer.from('INVITE sip:a@b SIP/2.0\r\n')],
  ['an SSLv2 opening', Buffer.from('802e0103010015000000100100800300800700', 'hex')],
  ['TLS of another century', Buffer.from([22, 4, 0, 0, 5])],
])('%s is not TLS', (_what, bytes) => {
  expect(parseClientHello(bytes)).toEqual({ state: 'not-tls' });
});

test.each([
  ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
  ['a record that is too long', Buffer.from([22, 3, 1, 0x40, 1])],
  ['another handshake message', inRecords(Buffer.from([2, 0, 0, 1, 0]))],
  ['another kind of record in between', Buffer.from([22, 3, 1, 0, 1, 1, 23, 3, 3, 0, 1, 1])],
  ['two server names', inRecords(helloMessage([serverNameExtension('a'), serverNameExtension('b')]))],
  ['an empty server name', inRecords(helloMessage([serverNameExtension('')]))],
  ['a name with a NUL', inRecords(helloMessage([serverNameExtension('a\0b')]))],
  ['a name with a line break', inRecords(helloMessage([serverNameExtension('a\r\nb')]))],
  ['an extension that is cut off', inRecords(helloMessage([Buffer.from([0, 0, 0, 9, 1])]))],
  ['a body of nothing', inRecords(Buffer.from([1, 0, 0, 0]))],
])('%s is malformed', (_what, bytes) => {
  expect(parseClientHello(bytes)).toEqual({ state: 'malformed' });
});

test('whatever comes, it answers and asks for more than it has only', () => {
  const anything = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(anything, fc.constantFrom('raw', 'record', 'message', 'extensions'), (bytes, as) => {
      const given = {
        raw: () => Buffer.from(bytes),
        record: () => inRecords(Buffer.from(bytes)),
        message: () => inRecords(Buffer.concat([Buffer.from([1, 0, 0, bytes.length % 256]), bytes])),
        extensions: () => inRecords(helloMessage([bytes])),
      }[as]();
      const parsed = parseClientHello(given);
      if (parsed.state === 'incomplete') expect(parsed.neededBytes).toBeGreaterThan(given.length);
    }),
    { numRuns: 500 },
  );
});

test('any one byte of a real opening may be wrong', async () => {
  const bytes = await realHello({ servername: 'meetme.localhost', ecdhCurve: 'X25519' });
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
      const damaged = Buffer.from(bytes);
      damaged[index] = (damaged[index] ?? 0) ^ change;
      expect(() => parseClientHello(damaged)).not.toThrow();
    }),
    { numRuns: 500 },
  );
});
