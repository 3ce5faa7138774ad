import { isIP } from 'node:net';
import { uriHost } from '#kernel/index.ts';
import type { ZoneConfig } from '#zones/index.ts';
import type { Config } from '../config/index.ts';

export interface ReadyZone {
  readonly name: string;
  readonly domain: string;
  /** With `{room}` in place of the room; dialable on this machine. */
  readonly sip: string;
  readonly https: string;
  readonly rooms: readonly string[];
}

/** What a script needs to know when all is up; one line of JSON on standard output. */
export interface ReadyReport {
  readonly ready: true;
  /** The test CA's certificate, by absolute path; null when the zones have certificates of their own. */
  readonly ca: string | null;
  readonly zones: readonly ReadyZone[];
}

/** `serving` names the zones that take calls. */
export function readyReport(config: Config, serving: ReadonlySet<string>, ca: string | null): ReadyReport {
  const zones = config.zones.filter(({ name }) => serving.has(name)).map((zone) => readyZone(config, zone));
  return { ready: true, ca, zones };
}

function readyZone({ listener }: Config, zone: ZoneConfig): ReadyZone {
  const [domain = zone.name] = zone.domains;
  const own = zone.listen.find(({ protocol }) => protocol === 'sip');
  // A zone that openings without a name reach, or that has a port of its own, needs no name to be found by.
  const [host, port] =
    own !== undefined
      ? [dialable(own.address), own.port]
      : [zone.default ? dialable(listener.addresses[0] ?? domain) : domain, listener.sip_port];
  const httpsPort = listener.https_port === 443 ? '' : `:${listener.https_port}`;
  return {
    name: zone.name,
    domain,
    sip: `sip:{room}@${uriHost(host)}:${port};transport=tls`,
    https: `https://${isIP(domain) === 6 ? `[${domain}]` : domain}${httpsPort}`,
    rooms: zone.rooms.map(({ name }) => name),
  };
}

function dialable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}
