import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { PeerCertificateInfo } from '../call.ts';
import { sipDomainsOf } from './peerIdentity.ts';

/** What the peer's certificate says and what TLS made of it; undefined when it has shown none. */
export function peerCertificate(socket: TLSSocket): PeerCertificateInfo | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const fault = faultOf(socket, certificate);
  // The type says that it is always there, but a certificate without the extension gives undefined.
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  return {
    fingerprint256: certificate.fingerprint256,
    subject: certificate.subject,
    issuer: certificate.issuer,
    serialNumber: certificate.serialNumber,
    verified: fault === undefined,
    ...(fault === undefined ? {} : { fault }),
    sipDomains: sipDomainsOf({
      subject: certificate.toLegacyObject().subject,
      ...(certificate.subjectAltName === undefined ? {} : { subjectaltname: certificate.subjectAltName }),
    }),
    ...(purposes === undefined ? {} : { extendedKeyUsage: purposes }),
  };
}

/** A resumed session keeps the verdict of its first handshake, so that what has expired since is looked at again. */
function faultOf(socket: TLSSocket, certificate: X509Certificate): string | undefined {
  // Node's type says Error, but what it sets is the code of OpenSSL.
  const fault: unknown = socket.authorizationError;
  if (!socket.authorized) return typeof fault === 'string' ? fault : 'UNSPECIFIED';
  return Date.parse(certificate.validTo) < Date.now() ? 'CERT_HAS_EXPIRED' : undefined;
}
