import type { Call, TlsInfo } from '#signaling/call.ts';

/**
 * What a caller has shown of who he is: three kinds of evidence, none implied by another. Policy may ask for any of them, the
 * record says which were there.
 */
export interface Evidence {
  /** The peer's machine: a certificate that passed RFC 5922, of a client that calls us or a server that we call. */
  readonly system?: SystemEvidence;
  /** Why a certificate that was shown does not count. For the record only, never for the far end. */
  readonly systemFault?: SystemFault;
  readonly person?: PersonEvidence;
  /** Something that only who was invited has. */
  readonly possession: readonly PossessionEvidence[];
}

export interface SystemEvidence {
  /** SIP domains that the certificate stands for (RFC 5922 §7.1), in lower case. */
  readonly domains: readonly string[];
  readonly fingerprint256: string;
  readonly issuer: string;
}

/** Why a certificate is no evidence (RFC 5280 §6, RFC 5922 §7, RFC 5924). */
export const systemFaults = [
  'untrusted', // no chain to a CA that the zone names
  'expired',
  'not-yet-valid',
  'wrong-purpose', // extended key usage without clientAuth, or serverAuth of whom we call
  'revoked',
  'revocation-unknown', // the zone asks for a CRL or OCSP and has no current one
  'no-sip-identity', // no name that RFC 5922 §7.1 accepts: user part, wildcard, or a CN beside a subjectAltName
] as const;
export type SystemFault = (typeof systemFaults)[number];

export interface PersonEvidence {
  readonly method: 'oidc' | 'digest';
  /** Issuer and subject, or realm and user name: unique together. */
  readonly issuer: string;
  readonly subject: string;
  readonly name?: string;
  readonly email?: string;
  readonly groups: readonly string[];
  /** Session at the issuer, by which a logout finds the call (OpenID Connect Back-Channel Logout). */
  readonly sessionId?: string;
  /** When the evidence ends by itself, milliseconds since 1970. */
  readonly expiresAtMs?: number;
}

export type PossessionEvidence = 'host-pin' | 'guest-pin' | 'totp' | 'approved';

/** What RFC 5922 makes of the certificate of a connection that a call in this direction goes by; nothing without one. */
export type JudgeSystem = (
  tls: TlsInfo | undefined,
  direction: Call['direction'],
) => Pick<Evidence, 'system' | 'systemFault'>;
