export { ZoneTls, type ZoneTlsOptions, type TlsPeer, type TlsPeerHandler } from './ZoneTls.ts';
export type { PeerAddress } from './proxyProtocol.ts';
