import { X509Certificate } from 'node:crypto';
import { ZonebridgeError } from '#kernel/index.ts';
import type { ZoneConfig } from '../../config/schema.ts';
import type {
  Evidence,
  PersonEvidence,
  PossessionEvidence,
  SystemEvidence,
} from '../../identity/contract.ts';
import { judgeSystem } from '../../identity/systemEvidence.ts';
import { isAnchored } from '#signaling/tls/anchored.ts';
import { sipDomainsOf } from '#signaling/tls/peerIdentity.ts';
import type { pinKinds } from './askedSchema.ts';

type PinKind = (typeof pinKinds)[number];

/** What a certificate of this partner is worth; the first of those that are pinned. Throws `not-found`. */
export function partnerSystem({ name: zone, partners }: ZoneConfig, name: string): SystemEvidence {
  const partner = partners.find((candidate) => candidate.name === name);
  if (partner === undefined) {
    const known = partners.map((candidate) => candidate.name).join(', ') || 'none';
    throw new ZonebridgeError('not-found', `zone ${zone} has no partner ${name}; it has ${known}`);
  }
  const domains = partner.domains.map((domain) => domain.toLowerCase());
  const fingerprint256 = partner.certificates[0] ?? Array.from({ length: 32 }, () => '00').join(':');
  return { domains, fingerprint256, issuer: `CN=any CA that zone ${zone} trusts` };
}

/** Who has logged in: by the page at the zone's provider, from a phone by its account. Throws `invalid-argument` where nobody can. */
export function personOf(
  { name: zone, identity }: ZoneConfig,
  { subject, groups, protocol }: { subject: string; groups: readonly string[]; protocol: 'sip' | 'web' },
): PersonEvidence {
  if (protocol === 'web' && identity.oidc !== undefined) {
    return { method: 'oidc', issuer: identity.oidc.issuer, subject, groups };
  }
  if (protocol === 'sip' && identity.digest !== undefined) {
    return { method: 'digest', issuer: zone, subject, groups };
  }
  const missing = protocol === 'web' ? 'identity.oidc' : 'identity.digest';
  throw new ZonebridgeError(
    'invalid-argument',
    `nobody can log in to zone ${zone} by ${protocol}: its configuration has no ${missing}`,
  );
}

/** Throws `invalid-argument` for a PIN that the room does not have. */
export function possessionOf(
  zone: ZoneConfig,
  roomName: string,
  pins: readonly PinKind[],
): readonly PossessionEvidence[] {
  const has = pinsOf(zone, roomName);
  const missing = pins.find((kind) => kind !== 'approved' && !has.includes(kind));
  if (missing !== undefined) {
    throw new ZonebridgeError(
      'invalid-argument',
      `room ${roomName} of zone ${zone.name} has no ${missing} PIN`,
    );
  }
  return pins.map(possession);
}

export function possession(kind: PinKind): PossessionEvidence {
  return kind === 'host' || kind === 'guest' ? `${kind}-pin` : kind;
}

/** Codes that are known in a room. */
export function pinsOf({ rooms }: ZoneConfig, roomName: string): readonly Exclude<PinKind, 'approved'>[] {
  const room = rooms.find(({ name }) => name === roomName);
  return [
    ...(room?.host_pin === undefined ? [] : (['host'] as const)),
    ...(room?.guest_pin === undefined ? [] : (['guest'] as const)),
    ...(room?.totp === undefined ? [] : (['totp'] as const)),
  ];
}

/**
 * What a client certificate is worth at a time, by RFC 5922 and the CAs (PEM) that the zone trusts. Revocation lists are not read. Throws
 * `bad-message` for what is no certificate.
 */
export function certificateEvidence(
  file: string,
  pem: Buffer,
  { ca, atMs }: { readonly ca: readonly Buffer[]; readonly atMs: number },
): Pick<Evidence, 'system' | 'systemFault'> {
  const certificate = parsed(file, pem);
  const fault = faultAt(certificate, ca, atMs);
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  const { fingerprint256, subject, issuer, serialNumber, subjectAltName } = certificate;
  const names = subjectAltName === undefined ? {} : { subjectaltname: subjectAltName };
  const peerCertificate = {
    ...{ fingerprint256, subject, issuer, serialNumber, verified: fault === undefined },
    ...(fault === undefined ? {} : { fault }),
    sipDomains: sipDomainsOf({ subject: certificate.toLegacyObject().subject, ...names }),
    ...(purposes === undefined ? {} : { extendedKeyUsage: purposes }),
  };
  return judgeSystem({ version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', peerCertificate }, () => false);
}

function parsed(file: string, pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new ZonebridgeError('bad-message', `${file} is no certificate in PEM form`, { cause });
  }
}

function faultAt(certificate: X509Certificate, ca: readonly Buffer[], atMs: number): string | undefined {
  if (Date.parse(certificate.validTo) < atMs) return 'CERT_HAS_EXPIRED';
  if (Date.parse(certificate.validFrom) > atMs) return 'CERT_NOT_YET_VALID';
  return isAnchored(certificate, ca) ? undefined : 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';
}
