import { isIP, type BlockList, type Socket } from 'node:net';
import { createServer, TLSSocket, type SecureContextOptions, type Server } from 'node:tls';
import {
  Closable,
  WaitingRoom,
  errorText,
  isListed,
  networkList,
  plainAddress,
  sourceOf,
  type Log,
} from '#kernel/index.ts';
import type { PeerCertificateInfo, TlsInfo } from '../call.ts';
import {
  clientOptions,
  contextOptions,
  type CertificatePaths,
  type Credentials,
} from './certificateFiles.ts';
import { CertificateWatch } from './CertificateWatch.ts';
import { Handshake, fourTuple, type HandshakeProtocol } from './Handshake.ts';
import type { PeerAddress } from './proxyProtocol.ts';
import { revokedCertificates, type RevokedCertificates } from './revocation.ts';
import { keepChain } from './shownChain.ts';
import { tlsInfo } from './tlsInfo.ts';

export interface ZoneTlsOptions extends CertificatePaths {
  /** Names, and addresses, that may be asked for. */
  readonly domains: readonly string[];
  /** Addresses and networks whose connections start with a PROXY protocol v2 header, and only theirs. */
  readonly proxyProtocol: readonly string[];
  readonly log: Log;
  readonly handshakeTimeoutMs?: number;
  readonly maxHandshakes?: number;
  readonly maxHandshakesPerSource?: number;
}

/** Who is at the other end, and how the connection is protected. */
export interface TlsPeer {
  readonly remote: PeerAddress;
  readonly tls: TlsInfo;
}

export type TlsPeerHandler = (socket: TLSSocket, peer: TlsPeer) => void;

interface Pending {
  readonly handshake: Handshake;
  readonly onPeer: TlsPeerHandler;
}

/** ALPN ids of IANA's registry (RFC 7301). A peer that offers others only is refused by `no_application_protocol`. */
const applicationProtocols = { sip: ['sip/2'], https: ['http/1.1'] } as const satisfies Record<
  HandshakeProtocol,
  readonly string[]
>;

/** A fatal `unrecognized_name` (RFC 6066 §3) as the first record of a connection. */
const unrecognizedName = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

/**
 * TLS of a zone, in the zone's own process: from an open socket to a connection whose handshake is through. Nothing is
 * sent before the first byte of the peer, and what takes too long or is one too many is closed.
 */
export class ZoneTls extends Closable {
  readonly #domains: ReadonlySet<string>;
  readonly #certificates: CertificateWatch;
  readonly #balancers: BlockList;
  readonly #log: Log;
  readonly #timeoutMs: number;
  readonly #waiting: WaitingRoom<Handshake>;
  /** Handshakes that TLS has begun, by the connection's four-tuple: what Node's server hands back knows no more. */
  readonly #pending = new Map<string, Pending>();
  readonly #servers: Record<HandshakeProtocol, Server>;
  #revoked: RevokedCertificates;
  #client: SecureContextOptions;
  #onChange: () => void = () => undefined;

  /** Throws `config-invalid` when the certificate or key cannot be used. */
  static async create(options: ZoneTlsOptions): Promise<ZoneTls> {
    const { certificate, key, clientCa, peerCa, crls, log } = options;
    const paths = {
      certificate,
      key,
      ...(clientCa === undefined ? {} : { clientCa }),
      ...(peerCa === undefined ? {} : { peerCa }),
      ...(crls === undefined ? {} : { crls }),
    };
    return new ZoneTls(options, await CertificateWatch.create({ paths, log }));
  }

  private constructor(options: ZoneTlsOptions, certificates: CertificateWatch) {
    super();
    this.#certificates = this.own(certificates);
    this.#domains = new Set(options.domains);
    this.#balancers = networkList(options.proxyProtocol);
    this.#log = options.log;
    this.#timeoutMs = options.handshakeTimeoutMs ?? 5_000;
    const limits = {
      total: options.maxHandshakes ?? 1_000,
      perSource: options.maxHandshakesPerSource ?? 200,
    };
    this.#waiting = new WaitingRoom(limits, (handshake) => this.#end(handshake, 'too many at once'));
    const { current } = certificates;
    this.#revoked = revokedCertificates(current.crls);
    this.#client = clientOptions(current);
    this.#servers = { sip: this.#serve('sip', current), https: this.#serve('https', current) };
    certificates.onChange((credentials) => {
      for (const server of Object.values(this.#servers)) server.setSecureContext(contextOptions(credentials));
      this.#revoked = revokedCertificates(credentials.crls);
      this.#client = clientOptions(credentials);
      this.#onChange();
    });
  }

  /**
   * Takes over the socket, with the bytes already read from it. `onPeer` is called once the handshake is through, and
   * owns the connection from then on; it is not called when the handshake fails.
   */
  accept(socket: Socket, opening: Buffer, protocol: HandshakeProtocol, onPeer: TlsPeerHandler): void {
    const { remoteAddress, remotePort } = socket;
    if (this.closed || remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    const remote = { address: plainAddress(remoteAddress), port: remotePort };
    const handshake: Handshake = new Handshake(socket, protocol, remote, {
      ms: this.#timeoutMs,
      passed: () => this.#end(handshake, 'too slow'),
    });
    this.#waiting.enter(sourceOf(remote.address), handshake);
    socket.once('close', () => this.#forget(handshake));
    const steps = {
      proceed: () => this.#begin({ handshake, onPeer }),
      refused: (fault: string) => this.#end(handshake, `PROXY protocol: ${fault}`),
    };
    if (isListed(this.#balancers, remote.address)) handshake.proxied(opening, steps);
    else handshake.direct(opening, steps);
  }

  /** For a connection that the zone opens, by its files as they are now; another object when they are others. */
  get client(): SecureContextOptions {
    return this.#client;
  }

  /** By the revocation lists as they are now; a connection outlives its handshake. */
  isRevoked(certificate: PeerCertificateInfo): boolean {
    return this.#revoked.has(certificate);
  }

  /** One listener: certificates, CAs or revocation lists are others now. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  protected release(): void {
    this.#waiting.clear();
  }

  #begin(pending: Pending): void {
    const { socket, protocol } = pending.handshake;
    this.#pending.set(pending.handshake.fourTuple, pending);
    // Node documents injecting a connection by this event.
    this.#servers[protocol].emit('connection', socket);
  }

  #serve(protocol: HandshakeProtocol, credentials: Credentials): Server {
    // Browsers ask their users about client certificates, so they are asked only where the zone names a CA for them.
    const requestCert = protocol === 'sip' || credentials.ca.length > 0;
    const refuse = (name: string, socket: unknown): boolean => this.#refusesName(name, socket);
    const server = createServer({
      ...contextOptions(credentials),
      requestCert,
      rejectUnauthorized: false,
      handshakeTimeout: this.#timeoutMs,
      ALPNProtocols: [...applicationProtocols[protocol]],
      SNICallback(this: unknown, name, respond) {
        keepChain(this);
        respond(refuse(name, this) ? new Error('no such name here') : null);
      },
    });
    server.on('secureConnection', (socket) => this.#established(socket));
    server.on('tlsClientError', (error, socket) => this.#failed(socket, error));
    return server;
  }

  /** Says so to the peer itself: Node closes without an alert. */
  #refusesName(name: string, socket: unknown): boolean {
    const asked = name.toLowerCase().replace(/\.$/, '');
    // An address is no server name (RFC 6066 §3); clients that send one mean the machine they have reached.
    if (this.#domains.has(asked) || isIP(asked) !== 0) return false;
    if (socket instanceof TLSSocket) {
      const pending = this.#pending.get(fourTuple(socket));
      pending?.handshake.abandon(unrecognizedName);
    }
    return true;
  }

  #established(socket: TLSSocket): void {
    const pending = this.#pending.get(fourTuple(socket));
    if (pending === undefined || this.closed) {
      socket.destroy();
      return;
    }
    const { handshake, onPeer } = pending;
    handshake.finish();
    this.#forget(handshake);
    onPeer(socket, { remote: handshake.remote, tls: tlsInfo(socket, this.#certificates.current.ca) });
  }

  #failed(socket: TLSSocket, error: Error): void {
    this.#log.debug({ error: errorText(error) }, 'a TLS handshake failed');
    socket.destroy();
  }

  #end(handshake: Handshake, fault: string): void {
    this.#log.debug({ fault }, 'a connection was closed before its handshake');
    handshake.abandon();
    this.#forget(handshake);
  }

  #forget(handshake: Handshake): void {
    handshake.finish();
    this.#waiting.leave(handshake);
    const { fourTuple: key } = handshake;
    if (this.#pending.get(key)?.handshake === handshake) this.#pending.delete(key);
  }
}
