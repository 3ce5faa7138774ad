import type { Call, PeerCertificateInfo, TlsInfo } from '#signaling/call.ts';
import type { Evidence, SystemFault } from './contract.ts';

type Direction = Call['direction'];

/** Any use, and SIP (RFC 5924). */
const everyPurpose = ['2.5.29.37.0', '1.3.6.1.5.5.7.3.20'];

/** Who calls us is a TLS client, whom we call is a server (RFC 5280 §4.2.1.12). */
const purposes: Readonly<Record<Direction, readonly string[]>> = {
  in: ['1.3.6.1.5.5.7.3.2', ...everyPurpose],
  out: ['1.3.6.1.5.5.7.3.1', ...everyPurpose],
};

/** What OpenSSL found wrong, where that is more than that nobody here trusts it. */
const faults: Readonly<Record<string, SystemFault>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  INVALID_PURPOSE: 'wrong-purpose',
  CERT_REVOKED: 'revoked',
  UNABLE_TO_GET_CRL: 'revocation-unknown',
  UNABLE_TO_GET_CRL_ISSUER: 'revocation-unknown',
  CRL_HAS_EXPIRED: 'revocation-unknown',
  CRL_NOT_YET_VALID: 'revocation-unknown',
  CRL_SIGNATURE_FAILURE: 'revocation-unknown',
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: 'revocation-unknown',
};

/**
 * What the certificate of a connection is worth as evidence of the peer's system (RFC 5922 §7.1, RFC 5280 §6). Of several faults one is named,
 * and a missing revocation list only when nothing else is wrong. Nothing without a certificate.
 * `isRevoked`: by lists that may be newer than the handshake. `direction`: of the call, by which the peer is client or server of the connection.
 */
export function judgeSystem(
  tls: TlsInfo | undefined,
  isRevoked: (certificate: PeerCertificateInfo) => boolean,
  direction: Direction = 'in',
): Pick<Evidence, 'system' | 'systemFault'> {
  const certificate = tls?.peerCertificate;
  if (certificate === undefined) return {};
  const systemFault = isRevoked(certificate) ? 'revoked' : faultOf(certificate, direction);
  if (systemFault !== undefined) return { systemFault };
  const { sipDomains: domains, fingerprint256, issuer } = certificate;
  return { system: { domains, fingerprint256, issuer } };
}

function faultOf(
  { verified, fault, validToMs = Infinity, extendedKeyUsage, sipDomains }: PeerCertificateInfo,
  direction: Direction,
): SystemFault | undefined {
  const known = verified ? undefined : (faults[fault ?? ''] ?? 'untrusted');
  if ((known === undefined || known === 'revocation-unknown') && validToMs < Date.now()) return 'expired';
  if (known !== undefined && known !== 'revocation-unknown') return known;
  if (
    extendedKeyUsage !== undefined &&
    !extendedKeyUsage.some((usage) => purposes[direction].includes(usage))
  ) {
    return 'wrong-purpose';
  }
  if (known !== undefined) return known;
  return sipDomains.length === 0 ? 'no-sip-identity' : undefined;
}
