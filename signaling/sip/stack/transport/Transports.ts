import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Closable, ZonebridgeError, isEveryAddress, plainAddress } from '#kernel/index.ts';
import { SipParseError, createRefusal, parseMessage } from '../message/index.ts';
import { hostPort } from './address.ts';
import { connectTo } from './connect.ts';
import { ConnectionTable, targetKey } from './connectionTable.ts';
import type {
  AcceptOptions,
  Flow,
  SipTransport,
  SocketAddress,
  Target,
  TransportEvents,
  TransportLayer,
} from './contract.ts';
import { systemDns, type SipDns } from './dns.ts';
import { defaultLimits, type TransportLimits, type TransportOptions } from './options.ts';
import { resolveUri, routeOf, type OutboundTransport } from './resolve.ts';
import { StreamFlow, type FlowHandler, type FlowPeers } from './StreamFlow.ts';
import { TcpListener } from './TcpListener.ts';
import { UdpListener } from './UdpListener.ts';
import { markReceived } from './viaReceived.ts';

const noOptions: ConnectionOptions = {};

type Listeners = { [E in keyof TransportEvents]: ((...values: TransportEvents[E]) => void)[] };

/** See `TransportLayer`. Opens nothing by itself; what was opened or accepted dies with it. */
export class Transports extends Closable implements TransportLayer {
  readonly #options: TransportOptions;
  readonly #limits: TransportLimits;
  readonly #dns: SipDns;
  readonly #listeners: Listeners = { request: [], response: [], flowClosed: [], malformed: [] };
  readonly #udp: UdpListener[] = [];
  readonly #tcp: TcpListener[] = [];
  readonly #connections: ConnectionTable;
  readonly #connecting = new Map<string, Promise<Flow>>();
  /** By which of our options the peer of a connection that we opened was verified. */
  readonly #verifiedBy = new WeakMap<Flow, ConnectionOptions>();
  readonly #handler: FlowHandler = {
    message: (bytes, flow) => this.#received(bytes, flow),
    fault: (error, flow) => this.#refuse(error, flow),
  };
  #lastFlow = 0;

  constructor(options: TransportOptions) {
    super();
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#dns = options.dns ?? systemDns();
    this.#connections = new ConnectionTable(this.#limits);
  }

  on<E extends keyof TransportEvents>(event: E, listener: (...values: TransportEvents[E]) => void): void {
    this.#listeners[event].push(listener);
  }

  async listen(
    transport: 'udp' | 'tcp',
    address: string,
    port: number,
    host?: string,
  ): Promise<SocketAddress> {
    this.#mustBeOpen();
    if (transport === 'tcp') {
      const listener = this.own(
        await TcpListener.create(address, port, (socket) => this.#acceptPlain(socket, listener, host)),
      );
      this.#tcp.push(listener);
      return listener.local;
    }
    const sentBy = this.#options.sentBy?.udp;
    if (host === undefined && sentBy === undefined && isEveryAddress(address)) {
      throw new ZonebridgeError(
        'invalid-argument',
        'a UDP port on all addresses needs the host that peers use',
      );
    }
    const named = host === undefined ? { sentBy } : { host };
    const message = this.#handler.message.bind(this.#handler);
    const listener = await UdpListener.create({ address, port, ...named, limits: this.#limits, message });
    this.#udp.push(this.own(listener));
    return listener.local;
  }

  accept(socket: Socket, options: AcceptOptions): Flow {
    const remote = { address: plainAddress(options.remote.address), port: options.remote.port };
    const refused = this.closed || !this.#connections.hasRoomFor(remote.address);
    if (refused) socket.destroy();
    const flow = this.#adopt(socket, { ...options, remote });
    flow.expectFirstMessage();
    return flow;
  }

  resolve(uri: string, sizeBytes?: number): Promise<Target[]> {
    const { log, random = Math.random, routes = [] } = this.#options;
    const routed = routeOf(uri, routes);
    if (routed !== undefined) return Promise.resolve([routed]);
    return resolveUri(uri, { dns: this.#dns, log, random, transports: this.#outbound() }, sizeBytes);
  }

  async flowTo(target: Target): Promise<Flow> {
    this.#mustBeOpen();
    if (target.transport === 'udp') return this.#udpFlowTo(target);
    if (target.transport !== 'tcp' && target.transport !== 'tls') {
      throw new ZonebridgeError('unreachable', `no connection can be opened over ${target.transport}`);
    }
    const open = this.#shared(target) ?? this.#incomingPlain(target);
    if (open !== undefined) return open;
    const key = targetKey(target);
    const connecting = this.#connecting.get(key) ?? this.#connect(target);
    this.#connecting.set(key, connecting);
    try {
      return await connecting;
    } finally {
      this.#connecting.delete(key);
    }
  }

  findFlow(transport: SipTransport, remote: SocketAddress): Flow | undefined {
    return this.#connections.findPeer(transport, remote);
  }

  /** All connections at once: one after the other, slow peers would hold up the rest. */
  override close(reason: string): Promise<void> {
    for (const flow of this.#connections) void flow.close(reason);
    return super.close(reason);
  }

  protected release(): void {
    this.#udp.length = 0;
    this.#tcp.length = 0;
  }

  #acceptPlain(socket: Socket, listener: TcpListener, host: string | undefined): void {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    const named = host === undefined ? this.#options.sentBy?.tcp : undefined;
    const address = host ?? plainAddress(socket.localAddress ?? '');
    const sentBy = named ?? hostPort({ address, port: listener.local.port });
    this.accept(socket, { transport: 'tcp', remote: { address: remoteAddress, port: remotePort }, sentBy });
  }

  async #connect(target: Target): Promise<Flow> {
    const tlsClient = this.#tlsClient();
    const { socket, tls } = await connectTo(target, this.#limits.connectTimeoutMs, tlsClient);
    if (this.closed) socket.destroy();
    this.#mustBeOpen();
    const { transport, address, port } = target;
    const flow = this.#adopt(socket, {
      transport,
      remote: { address, port },
      sentBy: this.#sentBy(transport, socket),
      ...(tls === undefined ? {} : { tls }),
    });
    this.#verifiedBy.set(flow, tlsClient);
    this.#connections.share(flow, target);
    return flow;
  }

  /** Calls that are on it keep one that may not be shared any more. */
  #shared(target: Target): Flow | undefined {
    const open = this.#connections.find(target);
    if (open === undefined || target.transport !== 'tls') return open;
    return this.#verifiedBy.get(open) === this.#tlsClient() ? open : undefined;
  }

  #tlsClient(): ConnectionOptions {
    return this.#options.tlsClient?.() ?? noOptions;
  }

  #adopt(socket: Socket, options: AcceptOptions): StreamFlow {
    this.#lastFlow += 1;
    const local = { address: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    const peers: FlowPeers = { ...options, id: `${options.transport}-${this.#lastFlow}`, local };
    const flow = this.own(new StreamFlow(socket, peers, this.#handler, this.#limits));
    this.#connections.add(flow);
    void flow.whenClosed.then((reason) => {
      this.#connections.remove(flow);
      this.#options.log.debug({ flow: flow.id, reason }, 'SIP connection closed');
      this.#emit('flowClosed', flow);
    });
    return flow;
  }

  /** Our own listening port where there is one, so that the peer can open a connection too. */
  #sentBy(transport: SipTransport, socket: Socket): string {
    const address = plainAddress(socket.localAddress ?? '');
    const listening = transport === 'tcp' ? this.#tcp[0]?.local.port : undefined;
    return (
      this.#options.sentBy?.[transport] ?? hostPort({ address, port: listening ?? socket.localPort ?? 0 })
    );
  }

  #udpFlowTo(target: Target): Flow {
    const listener = this.#udp.find((candidate) => candidate.reaches(target.address));
    if (listener === undefined) {
      throw new ZonebridgeError('unreachable', 'no UDP port of that address family is open here');
    }
    return listener.flowTo({ address: target.address, port: target.port });
  }

  /** RFC 5923: unlike over TCP, where nobody is verified, over TLS a caller's connection is for his calls only. */
  #incomingPlain(target: Target): Flow | undefined {
    return target.transport === 'tcp' ? this.#connections.findPeer('tcp', target) : undefined;
  }

  #outbound(): OutboundTransport[] {
    const allowed = this.#options.outbound ?? [];
    const order: OutboundTransport[] = ['tls'];
    if (this.#tcp.length > 0 || allowed.includes('tcp')) order.push('tcp');
    if (this.#udp.length > 0) order.push('udp');
    return order;
  }

  #received(bytes: Buffer, flow: Flow): void {
    let message;
    try {
      message = parseMessage(bytes);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.#refuse(error, flow);
      return;
    }
    if (message.kind === 'response') {
      this.#emit('response', message, flow);
      return;
    }
    markReceived(message.headers, flow.remote);
    this.#emit('request', message, flow);
  }

  #refuse(error: SipParseError, flow: Flow): void {
    const refusal = createRefusal(error, randomBytes(8).toString('hex'));
    if (refusal !== undefined) {
      try {
        markReceived(refusal.headers, flow.remote);
      } catch (fault) {
        // The Via is what is wrong: it goes back as it came.
        if (!(fault instanceof SipParseError)) throw fault;
      }
      flow.send(refusal.toBuffer());
    }
    this.#emit('malformed', error, flow);
  }

  #emit<E extends keyof TransportEvents>(event: E, ...values: TransportEvents[E]): void {
    for (const listener of this.#listeners[event]) {
      try {
        listener(...values);
      } catch (error) {
        // The last place before the event loop: a defect that one message finds must not end everybody's calls.
        this.#options.log.error({ err: error, event }, 'a SIP event was not handled');
      }
    }
  }

  #mustBeOpen(): void {
    if (this.closed) throw new ZonebridgeError('closed', 'the SIP transports are closed');
  }
}
