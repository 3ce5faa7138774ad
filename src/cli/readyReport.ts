import { isIP } from 'node:net';
import { uriHost } from '#kernel/index.ts';
import type { ZoneConfig } from '#zones/index.ts';
import type { Config } from '../config/index.ts';
import { dialable } from '../dialable.ts';

export interface ReadyZone {
  readonly name: string;
  readonly domain: string;
  /** With `{room}` in place of the room; dialable on this machine. */
  readonly sip: string;
  readonly https: string;
  readonly rooms: readonly string[];
}

/** What the embedded default was given, by absolute path; null when there is a configuration. */
export interface MadeFiles {
  /** The test CA's certificate. */
  readonly ca: string | null;
  /** The private key of an example owner, which opens call records. */
  readonly ownerKey: string | null;
}

/** What a script needs to know when all is up; one line of JSON on standard output. */
export interface ReadyReport extends MadeFiles {
  readonly ready: true;
  readonly zones: readonly ReadyZone[];
}

/** `serving` names the zones that take calls. */
export function readyReport(config: Config, serving: ReadonlySet<string>, made: MadeFiles): ReadyReport {
  const zones = config.zones.filter(({ name }) => serving.has(name)).map((zone) => readyZone(config, zone));
  return { ready: true, ...made, zones };
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
