export { ZoneTls, type ZoneTlsOptions, type TlsPeer, type TlsPeerHandler } from './ZoneTls.ts';
export { inspectCertificates, type CertificateFault, type CertificatePaths } from './certificateFiles.ts';
export type { PeerAddress } from './proxyProtocol.ts';
export { peerCertificate } from './peerCertificate.ts';
export { checkSipIdentity } from './peerIdentity.ts';
