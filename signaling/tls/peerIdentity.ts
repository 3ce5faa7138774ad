import { isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import { ZonebridgeError, plainAddress } from '#kernel/index.ts';

type CertificateNames = Pick<PeerCertificate, 'subject' | 'subjectaltname'>;

/**
 * RFC 5922 §7.1: the SIP domains that a certificate stands for. URIs of the form sip:domain, else DNS names, and
 * the Common Name only when there is no subjectAltName at all. In lower case, without wildcards (§7.2).
 */
export function sipDomainsOf(certificate: CertificateNames): string[] {
  if (certificate.subjectaltname === undefined) {
    const commonName: unknown = certificate.subject.CN;
    return typeof commonName === 'string' ? wholeNames([commonName]) : [];
  }
  const names = alternativeNames(certificate.subjectaltname);
  const uris = names.filter(({ type }) => type === 'URI').flatMap(({ value }) => domainOfUri(value));
  return wholeNames(
    uris.length > 0 ? uris : names.filter(({ type }) => type === 'DNS').map(({ value }) => value),
  );
}

/**
 * For tls.connect: the error when the certificate does not stand for `domain`. RFC 5922 §7.2: whole names only,
 * no wildcards. A numeric domain needs its address among the certificate's IP addresses.
 */
export function checkSipIdentity(domain: string, certificate: CertificateNames): Error | undefined {
  const wanted = plainAddress(domain.toLowerCase());
  const held = isIP(wanted) === 0 ? sipDomainsOf(certificate) : addressesOf(certificate);
  if (held.includes(wanted)) return undefined;
  return new ZonebridgeError(
    'unreachable',
    'the certificate does not name the SIP domain that was dialled; it needs a subjectAltName with that domain',
  );
}

function addressesOf(certificate: CertificateNames): string[] {
  return alternativeNames(certificate.subjectaltname ?? '')
    .filter(({ type }) => type === 'IP Address')
    .map(({ value }) => plainAddress(value.toLowerCase()));
}

function wholeNames(names: readonly string[]): string[] {
  return names.filter((name) => /^[\w.-]+$/.test(name)).map((name) => name.toLowerCase());
}

/** §7.1: a URI with a user part names a user and not a domain. */
function domainOfUri(uri: string): string[] {
  const domain = /^sip:([^@;?:]+)$/i.exec(uri)?.[1];
  return domain === undefined ? [] : [domain];
}

/** Node's one-line form: `DNS:a.example, URI:"sip:b"`, where values with separators are JSON strings. */
function alternativeNames(text: string): { type: string; value: string }[] {
  const names: { type: string; value: string }[] = [];
  for (const [, type = '', value = ''] of text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)) {
    names.push({ type, value: value.startsWith('"') ? String(JSON.parse(value)) : value });
  }
  return names;
}
