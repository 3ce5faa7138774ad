import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { CertificateReference } from '../call.ts';
import { referenceTo } from './certificateReference.ts';

/** Longer chains are not followed. */
const longestChain = 8;
const mostRemembered = 1000;

/** With what came with it, before Node has let go of that. */
const shown = new WeakMap<TLSSocket, X509Certificate>();
/** Of certificates that were verified, by fingerprint, oldest first: in a resumed session they come alone. */
const remembered = new Map<string, readonly CertificateReference[]>();

/**
 * Keeps what a client sends with its certificate: a server of Node looks at the certificate once the handshake is through, and by that takes
 * the others out of the connection. To be called during the handshake.
 */
export function keepChain(socket: unknown): void {
  if (!(socket instanceof TLSSocket)) return;
  socket.prependOnceListener('secure', () => {
    const certificate = socket.getPeerX509Certificate();
    if (certificate !== undefined) shown.set(socket, certificate);
  });
}

/** The peer's certificate, with those that came with it as far as they are known. */
export function shownCertificate(socket: TLSSocket): X509Certificate | undefined {
  return shown.get(socket) ?? socket.getPeerX509Certificate();
}

/** The certificate and those that came with it, as revocation lists would name them. */
export function shownChain(
  certificate: X509Certificate,
  isVerified: boolean,
): readonly CertificateReference[] {
  const chain: CertificateReference[] = [];
  let next: X509Certificate | undefined = certificate;
  for (; next !== undefined && chain.length < longestChain; next = next.issuerCertificate) {
    chain.push(referenceTo(next.raw));
  }
  const { fingerprint256 } = certificate;
  const known = remembered.get(fingerprint256) ?? [];
  const longer = chain.length < known.length ? known : chain;
  if (isVerified) remember(fingerprint256, longer);
  return longer;
}

function remember(fingerprint: string, chain: readonly CertificateReference[]): void {
  remembered.delete(fingerprint);
  remembered.set(fingerprint, chain);
  const [oldest] = remembered.keys();
  if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest);
}
