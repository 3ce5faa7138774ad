import { isIP, type BlockList, type Socket } from 'node:net';
import { networkList } from '#kernel/index.ts';
import type { HandedConnection } from '#zones/index.ts';

/** A zone as the listener sees it: its names, and the way to its process. */
export interface ZoneRoute {
  readonly domains: readonly string[];
  /** Takes openings without a name. */
  readonly isDefault: boolean;
  /** Balancers in front of this zone. */
  readonly proxyProtocol: readonly string[];
  /** False when the zone's process cannot take it; the socket then is still the caller's. */
  readonly hand: (socket: Socket, connection: HandedConnection) => boolean;
}

/** Which zone an opening belongs to. */
export class RouteTable {
  readonly #byName = new Map<string, ZoneRoute>();
  readonly #default: ZoneRoute | undefined;
  readonly balancers: BlockList;

  constructor(routes: readonly ZoneRoute[]) {
    for (const route of routes) for (const domain of route.domains) this.#byName.set(domain, route);
    this.#default = routes.find(({ isDefault }) => isDefault);
    this.balancers = networkList(routes.flatMap(({ proxyProtocol }) => proxyProtocol));
  }

  /** Undefined when no zone has that name, or no name was given and no zone is the default. */
  find(serverName: string | undefined): ZoneRoute | undefined {
    if (serverName === undefined) return this.#default;
    const name = serverName.toLowerCase().replace(/\.$/, '');
    // An address is no server name (RFC 6066 §3); clients that send one mean the machine they have reached.
    return this.#byName.get(name) ?? (isIP(name) === 0 ? undefined : this.#default);
  }
}
