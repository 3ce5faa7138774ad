import { sourceOf } from '#kernel/index.ts';
import { hostPort } from './address.ts';
import type { SipTransport, SocketAddress, Target } from './contract.ts';
import type { TransportLimits } from './options.ts';
import type { StreamFlow } from './StreamFlow.ts';

/** Which connections are open, from whom, and which of them requests to a target may share (RFC 5923). */
export class ConnectionTable {
  readonly #limits: TransportLimits;
  readonly #streams = new Set<StreamFlow>();
  readonly #bySource = new Map<string, number>();
  readonly #byTarget = new Map<string, StreamFlow>();
  /** The latest with each far end. */
  readonly #byPeer = new Map<string, StreamFlow>();

  constructor(limits: TransportLimits) {
    this.#limits = limits;
  }

  [Symbol.iterator](): Iterator<StreamFlow> {
    return this.#streams.values();
  }

  /** False when that address, or everybody together, has as many connections as may be. */
  hasRoomFor(address: string): boolean {
    const ofSource = this.#bySource.get(sourceOf(address)) ?? 0;
    return ofSource < this.#limits.connectionsPerSource && this.#streams.size < this.#limits.connections;
  }

  add(flow: StreamFlow): void {
    this.#streams.add(flow);
    this.#byPeer.set(peerKey(flow.transport, flow.remote), flow);
    const source = sourceOf(flow.remote.address);
    this.#bySource.set(source, (this.#bySource.get(source) ?? 0) + 1);
  }

  /** The connection was opened for, or is known to lead to, that target. */
  share(flow: StreamFlow, target: Target): void {
    this.#byTarget.set(targetKey(target), flow);
  }

  /** An open connection for that target. */
  find(target: Target): StreamFlow | undefined {
    return ifOpen(this.#byTarget.get(targetKey(target)));
  }

  /** An open connection with that far end, whoever it was verified to be. */
  findPeer(transport: SipTransport, remote: SocketAddress): StreamFlow | undefined {
    return ifOpen(this.#byPeer.get(peerKey(transport, remote)));
  }

  remove(flow: StreamFlow): void {
    if (!this.#streams.delete(flow)) return;
    const source = sourceOf(flow.remote.address);
    const left = (this.#bySource.get(source) ?? 1) - 1;
    if (left > 0) this.#bySource.set(source, left);
    else this.#bySource.delete(source);
    const peer = peerKey(flow.transport, flow.remote);
    if (this.#byPeer.get(peer) === flow) this.#byPeer.delete(peer);
    // Only connections that we opened are here.
    for (const [key, other] of this.#byTarget) if (other === flow) this.#byTarget.delete(key);
  }
}

/** Over TLS two domains at one address are two peers: each connection was verified for one name only. */
export function targetKey(target: Target): string {
  const place = peerKey(target.transport, target);
  return target.transport === 'tls' ? `${place} ${target.domain.toLowerCase()}` : place;
}

function peerKey(transport: SipTransport, remote: SocketAddress): string {
  return `${transport} ${hostPort(remote)}`;
}

function ifOpen(flow: StreamFlow | undefined): StreamFlow | undefined {
  return flow?.receiving === true ? flow : undefined;
}
