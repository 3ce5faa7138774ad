import type { ConnectionOptions } from 'node:tls';
import type { Log } from '#kernel/index.ts';
import type { SipTransport } from './contract.ts';
import type { SipDns } from './dns.ts';

/** What one peer may cost. The defaults are far above what phones and trunks do. */
export interface TransportLimits {
  /** Open connections from one address (for IPv6 from one /64). */
  readonly connectionsPerSource: number;
  readonly connections: number;
  /** Messages that one flow may bring in a second: a stream is then read slower, datagrams are dropped. */
  readonly messagesPerSecond: number;
  /** Bytes that wait to be sent on one flow. */
  readonly backlogBytes: number;
  /** From the first byte of a message on a stream to its last. */
  readonly messageTimeoutMs: number;
  /** From the opening of an incoming stream to the end of its first message. */
  readonly firstMessageTimeoutMs: number;
  /** Without a byte in either direction. Above any session timer, so that no call loses its connection. */
  readonly idleTimeoutMs: number;
  /** How long a peer that has closed its sending side may still be answered. Most of them are gone altogether. */
  readonly halfCloseTimeoutMs: number;
  /** TCP connect and TLS handshake together. */
  readonly connectTimeoutMs: number;
}

export const defaultLimits: TransportLimits = {
  connectionsPerSource: 500,
  connections: 10_000,
  messagesPerSecond: 5_000,
  backlogBytes: 4 * 1024 * 1024,
  messageTimeoutMs: 10_000,
  firstMessageTimeoutMs: 30_000,
  idleTimeoutMs: 2 * 60 * 60 * 1000,
  halfCloseTimeoutMs: 5_000,
  connectTimeoutMs: 10_000,
};

export interface TlsRoute {
  readonly domains: readonly string[];
  readonly address: string;
  readonly port: number;
}

export interface TransportOptions {
  readonly log: Log;
  readonly limits?: Partial<TransportLimits>;
  /** host:port for Via and Contact, by transport, where peers reach us otherwise than at the local address. */
  readonly sentBy?: Partial<Record<SipTransport, string>>;
  /**
   * CA and client certificate for connections that we open; asked for each, so a reloaded certificate counts at
   * once. A connection is shared as long as this is the same object, so that a peer who would not be taken any more is
   * not reached over an old one. The peer's certificate is always verified, whatever this says.
   */
  readonly tlsClient?: () => ConnectionOptions;
  /** What requests of ours may go out over, besides TLS and the transports that we listen on. */
  readonly outbound?: readonly ('udp' | 'tcp')[];
  /** Domains whose place is known without DNS: TLS to there, and the certificate must still name the domain. */
  readonly routes?: readonly TlsRoute[];
  readonly dns?: SipDns;
  /** 0 ≤ x < 1, for the weights of SRV records. */
  readonly random?: () => number;
}
