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

function serialsOf(pem: Buffer): readonly string[] {
  try {
    return PemConverter.decode(pem.toString()).flatMap((der) => {
      const { issuer, entries } = new X509Crl(der);
      return entries.map(({ serialNumber }) => key(issuer, serialNumber));
    });
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
