import type { types } from 'mediasoup';
import {
  ZonebridgeError,
  type TransportDescription,
  type DtlsFingerprint,
  type DtlsSetup,
} from '#kernel/index.ts';

/** RFC 8122 §5 forbids MD2 and MD5; SHA-1 is left out because collisions of it can be made. */
const algorithms = ['sha-256', 'sha-384', 'sha-512'] as const;

/** What our description shows of a transport's certificate. */
export function localFingerprints(transport: types.WebRtcTransport): DtlsFingerprint[] {
  return transport.dtlsParameters.fingerprints.filter(({ algorithm }) => algorithm === 'sha-256');
}

/** The far end's certificate and role. Throws `not-acceptable` when no fingerprint can be checked. */
export function remoteDtls({ security }: TransportDescription, ourSetup: DtlsSetup): types.DtlsParameters {
  if (security.kind !== 'dtls')
    throw new ZonebridgeError('not-acceptable', 'the far end has not chosen DTLS-SRTP');
  const fingerprints = security.fingerprints.flatMap(({ algorithm, value }) => {
    const known = algorithms.find((name) => name === algorithm.toLowerCase());
    return known === undefined ? [] : [{ algorithm: known, value: value.toUpperCase() }];
  });
  if (fingerprints.length === 0) {
    throw new ZonebridgeError(
      'not-acceptable',
      `a DTLS fingerprint with one of ${algorithms.join(', ')} is needed`,
    );
  }
  return { role: remoteRole(security.setup, ourSetup), fingerprints };
}

/** Whether two descriptions come from the same DTLS association (RFC 8842 §3.1). */
export function sameCertificate(one: TransportDescription, other: TransportDescription): boolean {
  if (one.security.kind !== 'dtls' || other.security.kind !== 'dtls') return false;
  const values = one.security.fingerprints.map(({ value }) => value.toUpperCase());
  return other.security.fingerprints.some(({ value }) => values.includes(value.toUpperCase()));
}

/** RFC 5763 §5: the active side is the client. */
function remoteRole(theirs: DtlsSetup, ours: DtlsSetup): 'client' | 'server' {
  if (theirs === 'active') return 'client';
  if (theirs === 'passive') return 'server';
  return ours === 'active' ? 'server' : 'client';
}

/** Our role in an answer: what the offer leaves us, else `preferred`. */
export function answerSetup(offered: DtlsSetup, preferred: 'active' | 'passive'): DtlsSetup {
  if (offered === 'actpass') return preferred;
  return offered === 'active' ? 'passive' : 'active';
}
