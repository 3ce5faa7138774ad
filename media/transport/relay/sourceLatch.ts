import { isSendable, type UdpAddress } from './udp.ts';

/** How long the known source must be silent before packets that nothing authenticates may come from another one. */
export const silenceMs = 2000;

/**
 * Where a far end's media comes from, and so where ours goes (symmetric RTP, RFC 4961). Session descriptions lie behind
 * NAT, so the first packet decides. Later an authenticated packet moves the latch at once; one that we cannot
 * authenticate moves it only after the known source fell silent, so that nobody can steal a running stream by
 * sending one packet. media/native/source_latch.h has the same rules for `RelayThread`.
 */
export class SourceLatch {
  #described: UdpAddress | undefined;
  #latched: UdpAddress | undefined;
  #heardMs = -Infinity;

  /** Where to send now; undefined while nothing is known. */
  get destination(): UdpAddress | undefined {
    return this.#latched ?? this.#described;
  }

  /** Milliseconds on the caller's clock when something was last accepted; -Infinity before that. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** False until a first packet was accepted. */
  get latched(): boolean {
    return this.#latched !== undefined;
  }

  /** What the far end's description says. A changed address is a move of the far end, so it replaces the latch. */
  describe(address: UdpAddress): void {
    if (!isSendable(address)) return;
    if (this.#described !== undefined && !same(this.#described, address)) this.#latched = undefined;
    this.#described = { address: address.address, port: address.port };
  }

  /** Whether a packet from this source counts. */
  accept(source: UdpAddress, trust: 'authenticated' | 'unverified', nowMs: number): boolean {
    const known = this.#latched;
    if (known === undefined || !same(known, source)) {
      if (known !== undefined && trust === 'unverified' && nowMs - this.#heardMs < silenceMs) return false;
      this.#latched = { address: source.address, port: source.port };
    }
    this.#heardMs = nowMs;
    return true;
  }
}

function same(one: UdpAddress, other: UdpAddress): boolean {
  return one.port === other.port && one.address === other.address;
}
