import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { errorCodeOf } from '#kernel/index.ts';
import type { CertificateReference, PeerCertificateInfo } from '../call.ts';
import { isAnchored } from './anchored.ts';
import { sipDomainsOf } from './peerIdentity.ts';
import { shownCertificate, shownChain } from './shownChain.ts';

/**
 * What the peer's certificate says and what TLS made of it; undefined when it has shown none. `ca`: PEM, who may sign it, where the handshake
 * went on whatever verification found.
 */
export function peerCertificate(socket: TLSSocket, ca?: readonly Buffer[]): PeerCertificateInfo | undefined {
  const certificate = shownCertificate(socket);
  if (certificate === undefined) return undefined;
  const verdict = faultOf(socket, certificate, ca);
  const chain = chainOf(certificate, verdict === undefined);
  // Revocation lists could not be asked for it.
  const fault = verdict ?? (chain === undefined ? 'UNSPECIFIED' : undefined);
  // The type says that it is always there, but a certificate without the extension gives undefined.
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  return {
    fingerprint256: certificate.fingerprint256,
    subject: certificate.subject,
    issuer: certificate.issuer,
    serialNumber: certificate.serialNumber,
    chain: chain ?? [],
    verified: fault === undefined,
    validToMs: Date.parse(certificate.validTo),
    ...(fault === undefined ? {} : { fault }),
    sipDomains: sipDomainsOf({
      subject: certificate.toLegacyObject().subject,
      ...(certificate.subjectAltName === undefined ? {} : { subjectaltname: certificate.subjectAltName }),
    }),
    ...(purposes === undefined ? {} : { extendedKeyUsage: purposes }),
  };
}

/** Undefined for a certificate that is not encoded as it must be. */
function chainOf(
  certificate: X509Certificate,
  isVerified: boolean,
): readonly CertificateReference[] | undefined {
  try {
    return shownChain(certificate, isVerified);
  } catch (error) {
    if (errorCodeOf(error) === 'bad-message') return undefined;
    throw error;
  }
}

/** A resumed session keeps the verdict of its first handshake, so that what has expired since is looked at again. */
function faultOf(
  socket: TLSSocket,
  certificate: X509Certificate,
  ca: readonly Buffer[] | undefined,
): string | undefined {
  // Node's type says Error, but what it sets is the code of OpenSSL.
  const fault: unknown = socket.authorizationError;
  if (!socket.authorized && typeof fault !== 'string') return 'UNSPECIFIED';
  // OpenSSL tells the last fault that it met, and it looks for revocation lists after it has found that nobody vouches for the chain.
  if (String(fault).includes('_CRL') && ca !== undefined && !isAnchored(certificate, ca))
    return 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';
  if (!socket.authorized) return String(fault);
  return Date.parse(certificate.validTo) < Date.now() ? 'CERT_HAS_EXPIRED' : undefined;
}
