import 'reflect-metadata'; // @peculiar/x509 needs it loaded first
import { PemConverter, X509Crl } from '@peculiar/x509';
import { ZonebridgeError } from '#kernel/index.ts';
import type { PeerCertificateInfo } from '../call.ts';
import { listedIn } from './certificateReference.ts';

/** What revocation lists name. Their signatures are OpenSSL's to check, at each handshake. */
export interface RevokedCertificates {
  /** The certificate, or one of those that it was shown with. */
  has(certificate: Pick<PeerCertificateInfo, 'chain'>): boolean;
}

/** Of lists in PEM form. Throws `config-invalid` for what is none. */
export function revokedCertificates(crls: readonly Buffer[]): RevokedCertificates {
  const serials = new Map<string, Set<string>>();
  for (const { rawData } of crls.flatMap(listsIn)) {
    const list = readList(() => listedIn(Buffer.from(rawData)));
    const known = serials.get(list.issuer) ?? new Set();
    for (const serial of list.serials) known.add(serial);
    serials.set(list.issuer, known);
  }
  return {
    has: ({ chain = [] }) => chain.some(({ issuer, serial }) => serials.get(issuer)?.has(serial) === true),
  };
}

/** When the first of these lists has to be replaced (RFC 5280 §5.1.2.5), milliseconds since 1970; Infinity when none says so. */
export function listsEndMs(crls: readonly Buffer[]): number {
  const ends = crls.flatMap(listsIn).map(({ nextUpdate }) => nextUpdate?.getTime() ?? Infinity);
  return Math.min(Infinity, ...ends);
}

function listsIn(pem: Buffer): readonly X509Crl[] {
  return readList(() => PemConverter.decode(pem.toString()).map((der) => new X509Crl(der)));
}

function readList<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ZonebridgeError(
      'config-invalid',
      'a file of identity.revocation.crls holds no CRL in PEM form',
      { cause },
    );
  }
}
