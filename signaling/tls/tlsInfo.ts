import type { TLSSocket } from 'node:tls';
import type { TlsInfo } from '../call.ts';
import { keyExchangeGroup } from './keyExchangeGroup.ts';
import { peerCertificate } from './peerCertificate.ts';

/** What was negotiated on a connection whose handshake is through. `ca`: PEM, who may sign the peer's certificate. */
export function tlsInfo(socket: TLSSocket, ca: readonly Buffer[]): TlsInfo {
  const session = socket.getSession();
  const group = session === undefined ? undefined : keyExchangeGroup(session);
  const certificate = peerCertificate(socket, ca);
  // Node gives false, not undefined, when the peer named no server.
  const serverName: unknown = socket.servername;
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    ...(group === undefined ? {} : { group }),
    ...(typeof serverName === 'string' && serverName !== '' ? { serverName: serverName.toLowerCase() } : {}),
    ...(certificate === undefined ? {} : { peerCertificate: certificate }),
  };
}
