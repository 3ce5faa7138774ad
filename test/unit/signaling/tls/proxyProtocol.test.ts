import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxProxyHeaderBytes, parseProxyHeader } from '#signaling/tls/proxyProtocol.ts';

const signature = '0d0a0d0a000d0a515549540a';

function header(rest: string): Buffer {
  return Buffer.from(signature + rest, 'hex');
}

const tcp4 = header('21110 00c c0000207 c6336401 d431 13c5'.replaceAll(' ', ''));
const tcp6 = header(`2121002420010db8000000000000000000000007${'0'.repeat(31)}1d43113c5`);

test('an IPv4 header names the client, and says how long it is', () => {
  const bytes = Buffer.concat([tcp4, Buffer.from('ClientHello')]);
  expect(parseProxyHeader(bytes)).toEqual({
    state: 'whole',
    length: tcp4.length,
    source: { address: '192.0.2.7', port: 54321 },
  });
});

test('an IPv6 header names the client in the form of RFC 5952', () => {
  expect(parseProxyHeader(tcp6)).toMatchObject({ source: { address: '2001:db8::7', port: 54321 } });
});

test('additional fields after the addresses are passed over', () => {
  const bytes = header(`2111 000f c0000207 c6336401 d431 13c5 040000`.replaceAll(' ', ''));
  expect(parseProxyHeader(bytes)).toMatchObject({ length: 31, source: { address: '192.0.2.7' } });
});

test('LOCAL names nobody: the balancer speaks for itself', () => {
  expect(parseProxyHeader(header('20000000'))).toEqual({ state: 'whole', length: 16 });
});

test.each([
  ['a TLS opening', Buffer.from('1603010200010001fc0303', 'hex')],
  ['version 1 of the protocol', Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 54321 5061\r\n')],
  ['a version that is not there yet', header('31110000')],
  ['an unknown command', header('22110000')],
  ['UDP', header('2112 000c c0000207 c6336401 d431 13c5'.replaceAll(' ', ''))],
  ['an unspecified family with PROXY', header('21000000')],
  ['addresses that are too short', header('21110004c0000207')],
  ['more than we hold', header('2111ffff')],
])('%s is malformed', (_what, bytes) => {
  expect(parseProxyHeader(bytes)).toMatchObject({ state: 'malformed' });
});

test('a header that is cut off anywhere is incomplete', () => {
  for (const whole of [tcp4, tcp6]) {
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseProxyHeader(whole.subarray(0, length)).state).toBe('incomplete');
    }
  }
});

test('whatever comes, it neither throws nor asks for more than it will hold', () => {
  const anything = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(anything, fc.boolean(), (bytes, signed) => {
      const given = signed ? Buffer.concat([header(''), bytes]) : Buffer.from(bytes);
      const parsed = parseProxyHeader(given);
      if (parsed.state === 'whole') expect(parsed.length).toBeLessThanOrEqual(maxProxyHeaderBytes);
      if (parsed.state === 'incomplete') expect(given.length).toBeLessThan(maxProxyHeaderBytes);
    }),
  );
});
