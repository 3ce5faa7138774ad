import 'reflect-metadata'; // @peculiar/x509 needs it loaded first
import { X509Crl } from '@peculiar/x509';
import { ZonebridgeError } from '#kernel/index.ts';
import type { PeerCertificateInfo } from '../call.ts';

/** What revocation lists name. Their signatures are OpenSSL's to check, at each handshake. */
export interface RevokedCertificates {
  has(certificate: Pick<PeerCertificateInfo, 'serialNumber'>): boolean;
}

/** Of lists in PEM form. Throws `config-invalid` for what is none. */
export function revokedCertificates(crls: readonly Buffer[]): RevokedCertificates {
  const serials = new Set(crls.flatMap(serialsOf));
  return { has: ({ serialNumber }) => serials.has(plain(serialNumber)) };
}

function serialsOf(pem: Buffer): readonly string[] {
  try {
    return new X509Crl(pem.toString()).entries.map(({ serialNumber }) => plain(serialNumber));
  } catch (cause) {
    throw new ZonebridgeError(
      'config-invalid',
      'a file of identity.revocation.crls holds no CRL in PEM form',
      { cause },
    );
  }
}

/** One writes leading zeros, the other none. */
function plain(serial: string): string {
  return serial.toLowerCase().replace(/^0+/, '');
}
