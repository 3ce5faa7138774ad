import type { Socket } from 'node:net';
import type { Closable, ZonebridgeError } from '#kernel/index.ts';
import type { TlsInfo } from '../../../call.ts';
import type { SipRequest, SipResponse } from '../message/contract.ts';

export type SipTransport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

export interface SocketAddress {
  /** Unbracketed; IPv4-mapped IPv6 addresses are shown as IPv4. */
  readonly address: string;
  readonly port: number;
}

/** A way to one peer: a connection, or for UDP a local socket and a remote address (RFC 5626 words). */
export interface Flow {
  readonly id: string;
  readonly transport: SipTransport;
  /** Everything but UDP. */
  readonly reliable: boolean;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** host:port for Via and Contact of messages on this flow; IPv6 in brackets. */
  readonly sentBy: string;
  readonly tls?: TlsInfo;
  readonly closed: boolean;
  /** False when the flow is closed or its backlog is over the limit; the caller treats that as a transport error. */
  send(message: Buffer): boolean;
}

/** Where to send: one step of RFC 3263. */
export interface Target extends SocketAddress {
  readonly transport: SipTransport;
  /** The name that a TLS certificate must carry (RFC 5922); the domain before any DNS step. */
  readonly domain: string;
}

export interface TransportEvents {
  request: [request: SipRequest, flow: Flow];
  response: [response: SipResponse, flow: Flow];
  flowClosed: [flow: Flow];
  /** Rejected input; a response was already sent where one is due. */
  malformed: [error: ZonebridgeError, flow: Flow];
}

export interface TransportLayer extends Closable {
  on<E extends keyof TransportEvents>(event: E, listener: (...values: TransportEvents[E]) => void): void;
  /** Takes over a connected stream (a TLSSocket that a zone has accepted, or a plain TCP socket). */
  accept(socket: Socket, options: AcceptOptions): Flow;
  /**
   * `host` is what peers call this port in Via and Contact, when that is not its address. A UDP port on all addresses must
   * have it (or `sentBy`), since a datagram does not say which address it came to.
   */
  listen(transport: 'udp' | 'tcp', address: string, port: number, host?: string): Promise<SocketAddress>;
  /**
   * RFC 3263 §4: targets for a URI, in the order to try. Told the size of the request, it prefers TCP for what is
   * too large for UDP (RFC 3261 §18.1.1). Throws `unreachable`, and `bad-message` for what is no SIP URI.
   */
  resolve(uri: string, sizeBytes?: number): Promise<Target[]>;
  /** An open flow to the target, reused when there is one that may be, else a new one. Throws `unreachable`. */
  flowTo(target: Target): Promise<Flow>;
  /**
   * An open connection with that far end, whoever it was verified to be: only for a request that belongs to what
   * the connection already carries (a dialog, a retry with credentials), never to reach a new target.
   */
  findFlow(transport: SipTransport, remote: SocketAddress): Flow | undefined;
}

export interface AcceptOptions {
  readonly transport: SipTransport;
  /** The real peer when a proxy in front told it (PROXY protocol). */
  readonly remote: SocketAddress;
  /** Our address as the peer dials it, for Via and Contact. */
  readonly sentBy: string;
  readonly tls?: TlsInfo;
}
