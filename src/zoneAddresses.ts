import { uriHost } from '#kernel/index.ts';
import type { LinkedZone, ZoneAddresses, ZoneConfig } from '#zones/index.ts';
import type { Config } from './config/index.ts';
import { dialable } from './dialable.ts';

const defaultPorts = { https: 443, sip: 5061 } as const;

/** How people reach a zone, from wherever they are. `zonebridge start` prints how to reach it from this machine. */
export function zoneAddresses(config: Config, zone: ZoneConfig): ZoneAddresses {
  const { listener } = config;
  const [domain = zone.name] = zone.domains;
  const own = zone.listen.find(({ protocol }) => protocol === 'sip');
  // A phone that sends no server name reaches the zone by its own port, or because it is the default.
  const { address, port } =
    own === undefined || zone.default
      ? { address: listener.addresses[0] ?? domain, port: listener.announced_sip_port ?? listener.sip_port }
      : own;
  const host = uriHost(isLoopback(address) ? address : domain);
  const httpsPort = listener.announced_https_port ?? listener.https_port;
  return {
    https: `https://${uriHost(domain)}${suffix(httpsPort, defaultPorts.https)}`,
    sip: `sip:{room}@${host}${suffix(port, defaultPorts.sip)}`,
    linked: linkedZones(config, zone.links),
  };
}

function linkedZones(config: Config, names: readonly string[]): readonly LinkedZone[] {
  const here = config.zones.map((zone) => linkedZone(config, zone));
  const elsewhere = config.remote_zones.map(({ kind: _, ...zone }) => zone);
  return [...here, ...elsewhere].filter(({ name }) => names.includes(name));
}

/** By its own SIP port, or by the one that all share, where its name in the TLS opening finds it. */
function linkedZone({ listener }: Config, { name, domains, listen }: ZoneConfig): LinkedZone {
  const own = listen.find(({ protocol }) => protocol === 'sip');
  const address = own?.address ?? listener.addresses[0] ?? '127.0.0.1';
  return { name, domains, address: dialable(address), port: own?.port ?? listener.sip_port };
}

function suffix(port: number, defaultPort: number): string {
  return port === defaultPort ? '' : `:${port}`;
}

/** Names below `localhost` are unknown to many phones, so a server that only this machine reaches is dialled by its address. */
function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
