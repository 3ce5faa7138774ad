import 'reflect-metadata'; // @peculiar/x509 needs it loaded first
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type JsonGeneralNames,
} from '@peculiar/x509';

const dayMs = 86_400_000;
/** The longest that browsers take for a server's certificate. */
const leafDays = 397;
const caDays = 3650;

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * `permitted: DNS localhost and all below, IP 127.0.0.0/8 and ::1` (RFC 5280 §4.2.1.10). Somebody who gets hold of the CA's
 * key still cannot make a certificate for a real site that a browser with this CA would take.
 */
const loopbackOnly = Buffer.concat([
  Buffer.from('303fa03d300b8209', 'hex'),
  Buffer.from('localhost'),
  Buffer.from('300a87087f000000ff000000', 'hex'),
  Buffer.from(`30228720${'00'.repeat(15)}01${'ff'.repeat(16)}`, 'hex'),
]);

export interface PemPair {
  readonly certificate: string;
  readonly key: string;
}

/** A CA for tests on this machine: it can sign for localhost and what is below it only. */
export async function createTestCa(): Promise<PemPair> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=zonebridge test CA ${randomBytes(3).toString('hex')}`,
    ...validity(caDays),
    signingAlgorithm: ecdsa,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new Extension('2.5.29.30', true, Uint8Array.from(loopbackOnly)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate.toString('pem')), key: await keyPem(keys.privateKey) };
}

/** A certificate for servers and clients that names each domain, also as a SIP domain (RFC 5922 §7.1). */
export async function issueCertificate(ca: PemPair, domains: readonly string[]): Promise<PemPair> {
  const keys = await generateKeys();
  const [caKeyBytes] = PemConverter.decode(ca.key);
  if (caKeyBytes === undefined) throw new Error('the key of the test CA holds nothing');
  const signingKey = await crypto.subtle.importKey('pkcs8', caKeyBytes, ecdsa, false, ['sign']);
  const issuer = new X509Certificate(ca.certificate);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${domains[0] ?? 'zonebridge'}`,
    issuer: issuer.subject,
    ...validity(leafDays),
    signingAlgorithm: ecdsa,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(alternativeNames(domains)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: pem(certificate.toString('pem')), key: await keyPem(keys.privateKey) };
}

function alternativeNames(domains: readonly string[]): JsonGeneralNames {
  const names = domains.filter((domain) => isIP(domain) === 0);
  return [
    ...names.map((value) => ({ type: 'dns', value }) as const),
    ...domains.filter((domain) => isIP(domain) !== 0).map((value) => ({ type: 'ip', value }) as const),
    ...names.map((name) => ({ type: 'url', value: `sip:${name}` }) as const),
  ];
}

/** As `X509Certificate.subjectAltName` of Node shows what `issueCertificate` writes. */
export function alternativeNamesText(domains: readonly string[]): string {
  const titles = { dns: 'DNS', ip: 'IP Address', url: 'URI' } as const;
  return alternativeNames(domains)
    .map(({ type, value }) => `${titles[type as keyof typeof titles]}:${value}`)
    .join(', ');
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const notBefore = Date.now() - dayMs / 24;
  return { notBefore: new Date(notBefore), notAfter: new Date(notBefore + days * dayMs) };
}

/** Positive and at most 20 bytes long (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
}

async function keyPem(key: CryptoKey): Promise<string> {
  return pem(PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY'));
}

function pem(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
