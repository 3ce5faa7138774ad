import type { Socket } from 'node:net';
import { maxProxyHeaderBytes, parseProxyHeader, type PeerAddress } from './proxyProtocol.ts';

export type HandshakeProtocol = 'sip' | 'https';

/** What becomes of a connection; none of them is called after `abandon`. */
export interface HandshakeSteps {
  /** The TLS opening comes next on the socket, which is paused. */
  proceed(): void;
  refused(fault: string): void;
}

/** A connection from its first byte until its TLS handshake is through: who is there, and how long it may take. */
export class Handshake {
  readonly socket: Socket;
  readonly protocol: HandshakeProtocol;
  /** The socket's own peer, until a PROXY header names the one behind it. */
  remote: PeerAddress;
  /** Kept, because a closed socket no longer knows it. */
  readonly fourTuple: string;
  readonly #deadline: NodeJS.Timeout;

  constructor(
    socket: Socket,
    protocol: HandshakeProtocol,
    remote: PeerAddress,
    deadline: { readonly ms: number; readonly passed: () => void },
  ) {
    this.socket = socket;
    this.protocol = protocol;
    this.remote = remote;
    this.fourTuple = fourTuple(socket);
    this.#deadline = setTimeout(deadline.passed, deadline.ms).unref();
    socket.on('error', ignore);
  }

  /** Puts what was read back in front and goes on. */
  direct(opening: Buffer, steps: HandshakeSteps): void {
    if (opening.length > 0) this.socket.unshift(opening);
    steps.proceed();
  }

  /** Reads the PROXY protocol header, which must come first, and goes on with what follows it. */
  proxied(opening: Buffer, steps: HandshakeSteps): void {
    let bytes = opening;
    const read = (): boolean => {
      const header = parseProxyHeader(bytes);
      if (header.state === 'incomplete' && bytes.length <= maxProxyHeaderBytes) return false;
      if (header.state !== 'whole') {
        steps.refused(header.state === 'malformed' ? header.fault : 'too long');
        return true;
      }
      if (header.source !== undefined) this.remote = header.source;
      this.direct(bytes.subarray(header.length), steps);
      return true;
    };
    if (read()) return;
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      this.socket.pause();
      if (read()) this.socket.off('data', onData);
      else this.socket.resume();
    };
    this.socket.on('data', onData);
    this.socket.resume();
  }

  /** Stops the clock: the handshake is through. */
  finish(): void {
    clearTimeout(this.#deadline);
  }

  /** Ends the connection at once, or after last words. */
  abandon(lastWords?: Buffer): void {
    clearTimeout(this.#deadline);
    if (lastWords === undefined) this.socket.destroy();
    else this.socket.end(lastWords, () => this.socket.destroy());
  }
}

function ignore(): void {
  // A socket that fails is also closed, and that is what counts.
}

/** Unique among the open connections of a machine. */
export function fourTuple({
  remoteAddress = '',
  remotePort = 0,
  localAddress = '',
  localPort = 0,
}: Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
