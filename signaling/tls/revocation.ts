import 'reflect-metadata'; // @peculiar/x509 needs it loaded first
import { PemConverter, X509Crl } from '@peculiar/x509';
import { ZonebridgeError } from '#kernel/index.ts';
import type { PeerCertificateInfo } from '../call.ts';

/** What revocation lists name. Their signatures are OpenSSL's to check, at each handshake. */
export interface RevokedCertificates {
  has(certificate: Pick<PeerCertificateInfo, 'serialNumber' | 'issuer'>): boolean;
}

/** Of lists in PEM form. Throws `config-invalid` for what is none. */
export function revokedCertificates(crls: readonly Buffer[]): RevokedCertificates {
  const serials = new Set(crls.flatMap(serialsOf));
  return { has: ({ issuer, serialNumber }) => serials.has(key(issuer, serialNumber)) };
}

/** When the first of these lists has to be replaced (RFC 5280 §5.1.2.5), milliseconds since 1970; Infinity when none says so. */
export function listsEndMs(crls: readonly Buffer[]): number {
  const ends = crls.flatMap(listsIn).map(({ nextUpdate }) => nextUpdate?.getTime() ?? Infinity);
  return Math.min(Infinity, ...ends);
}

function serialsOf(pem: Buffer): readonly string[] {
  return listsIn(pem).flatMap(({ issuer, entries }) =>
    entries.map(({ serialNumber }) => key(issuer, serialNumber)),
  );
}

function listsIn(pem: Buffer): readonly X509Crl[] {
  try {
    return PemConverter.decode(pem.toString()).map((der) => new X509Crl(der));
  } catch (cause) {
    throw new ZonebridgeError(
      'config-invalid',
      'a file of identity.revocation.crls holds no CRL in PEM form',
      { cause },
    );
  }
}

/** Serial numbers are unique for one issuer only. Libraries write names in other orders, and serials with zeros in front or without. */
function key(issuer: string, serial: string): string {
  const names = issuer
    .split(/\n|, ?/)
    .sort()
    .join();
  return `${names}|${serial.toLowerCase().replace(/^0+/, '')}`;
}
