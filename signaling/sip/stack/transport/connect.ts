import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { ZonebridgeError } from '#kernel/index.ts';
import type { TlsInfo } from '../../../call.ts';
import { checkSipIdentity, peerCertificate } from '../../../tls/index.ts';
import type { Target } from './contract.ts';

export interface Connected {
  readonly socket: Socket;
  readonly tls?: TlsInfo;
}

/** Throws `unreachable` with the cause: no connection in time, or a certificate that is not the target's. */
export async function connectTo(
  target: Target,
  timeoutMs: number,
  tlsClient: ConnectionOptions,
): Promise<Connected> {
  if (target.transport === 'tls') {
    const socket = connectSecure(secureOptions(target, tlsClient));
    await opened(socket, 'secureConnect', timeoutMs);
    return { socket, tls: describe(socket, target) };
  }
  const socket = connectPlain({ host: target.address, port: target.port });
  await opened(socket, 'connect', timeoutMs);
  return { socket };
}

function secureOptions(target: Target, tlsClient: ConnectionOptions): ConnectionOptions {
  return {
    ...tlsClient,
    host: target.address,
    port: target.port,
    ...(isIP(target.domain) === 0 ? { servername: target.domain } : {}),
    minVersion: tlsClient.minVersion === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
    rejectUnauthorized: true,
    checkServerIdentity: (_host, certificate) => checkSipIdentity(target.domain, certificate),
  };
}

function opened(socket: Socket, event: 'connect' | 'secureConnect', timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ZonebridgeError('unreachable', 'the SIP peer could not be connected', { cause }));
    };
    const timer = setTimeout(() => fail(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
    // Stays, so that an error between here and the flow's own listener cannot be unhandled.
    socket.on('error', fail);
    socket.once('close', fail);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off('close', fail);
      resolve();
    });
  });
}

function describe(socket: TLSSocket, target: Target): TlsInfo {
  const key = socket.getEphemeralKeyInfo();
  const certificate = peerCertificate(socket);
  const group = key !== null && 'name' in key ? key.name : undefined;
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    ...(group === undefined ? {} : { group }),
    ...(isIP(target.domain) === 0 ? { serverName: target.domain } : {}),
    ...(certificate === undefined ? {} : { peerCertificate: certificate }),
  };
}
