import { X509Certificate } from 'node:crypto';

/** Longer chains are not followed. */
const longestChain = 8;

/**
 * Whether a chain leads from the certificate, by those that the peer has sent with it and those of the PEM files, to a self-signed one of
 * the files. Names and signatures only: times, purposes and revocation are OpenSSL's to check.
 */
export function isAnchored(certificate: X509Certificate, ca: readonly Buffer[]): boolean {
  return leadsTo(certificate, ca.flatMap(certificatesIn), longestChain);
}

function leadsTo(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  left: number,
): boolean {
  if (left === 0) return false;
  const sent = certificate.issuerCertificate;
  const issuers = sent === undefined ? authorities : [...authorities, sent];
  return issuers.some(
    (issuer) =>
      isSigned(certificate, issuer) &&
      ((authorities.includes(issuer) && isSigned(issuer, issuer)) ||
        (issuer !== certificate && leadsTo(issuer, authorities, left - 1))),
  );
}

function isSigned(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function certificatesIn(pem: Buffer): X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  return (blocks ?? []).map((block) => new X509Certificate(block));
}
