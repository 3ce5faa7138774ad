import type { PeerCertificate } from 'node:tls';
import { expect, test } from 'vitest';
import { checkSipIdentity, sipDomainsOf } from '#signaling/tls/peerIdentity.ts';

function certificate(subjectaltname: string | undefined, commonName = 'cn.example'): PeerCertificate {
  return { subject: { CN: commonName }, subjectaltname } as PeerCertificate;
}

test.each([
  ['URI:sip:example.com, DNS:host.example.com', ['example.com']],
  ['URI:sip:a.example, URI:sip:B.example', ['a.example', 'b.example']],
  ['DNS:Host.example.com, IP Address:192.0.2.1', ['host.example.com']],
  ['URI:sip:user@example.com, DNS:dns.example', ['dns.example']],
  ['URI:https://web.example/, DNS:dns.example', ['dns.example']],
  ['URI:"sip:odd.example\\u002c DNS:evil.example", DNS:dns.example', ['dns.example']],
  ['IP Address:192.0.2.1', []],
])('a certificate with %s stands for %j (RFC 5922 §7.1)', (names, expected) => {
  expect(sipDomainsOf(certificate(names))).toEqual(expected);
});

test('the common name counts only when there is no subjectAltName', () => {
  expect(sipDomainsOf(certificate(undefined))).toEqual(['cn.example']);
  expect(checkSipIdentity('cn.example', certificate('DNS:other.example'))).toBeInstanceOf(Error);
});

test('names are compared whole and without case; wildcards match nothing (§7.2)', () => {
  expect(checkSipIdentity('SIP.example.com', certificate('DNS:sip.Example.com'))).toBeUndefined();
  expect(checkSipIdentity('sip.example.com', certificate('DNS:*.example.com'))).toBeInstanceOf(Error);
  expect(checkSipIdentity('sip.example.com', certificate('DNS:example.com'))).toBeInstanceOf(Error);
});

test('a numeric domain needs that address in the certificate', () => {
  const held = certificate('DNS:a.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1');
  expect(checkSipIdentity('192.0.2.1', held)).toBeUndefined();
  expect(checkSipIdentity('[2001:db8::1]', held)).toBeUndefined();
  expect(checkSipIdentity('192.0.2.2', held)).toBeInstanceOf(Error);
});
