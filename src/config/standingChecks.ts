import { readableZones, type ReadableConfig, type ReadableZone } from './readableConfig.ts';
import type { PathFault } from './fault.ts';

/** Standing calls are for rooms that there are, to where the zone may call. */
export function standingChecks(
  config: ReadableConfig,
  zone: ReadableZone,
  path: PathFault['path'],
): readonly PathFault[] {
  const rooms = (zone.rooms ?? []).flatMap((room) => room?.name ?? []);
  return (zone.dial_out?.standing ?? []).flatMap((entry, index) => {
    const at = [...path, 'dial_out', 'standing', index];
    const faults: PathFault[] = [];
    if (entry?.room !== undefined && !rooms.includes(entry.room)) {
      const message = `the zone has no room ${entry.room}; its rooms: ${rooms.join(', ')}`;
      faults.push({ path: [...at, 'room'], message });
    }
    const domain = entry?.uri === undefined ? undefined : domainOf(entry.uri);
    if (domain !== undefined && !mayCall(config, zone, domain)) {
      const message = `${domain} is neither a domain of a zone in links nor in dial_out.domains`;
      faults.push({ path: [...at, 'uri'], message });
    }
    return faults;
  });
}

/** The host of a SIP URI, without port and parameters. */
function domainOf(uri: string): string | undefined {
  return /^sips?:[^@]+@(\[[^\]]+\]|[^:;?]+)/i.exec(uri)?.[1]?.replaceAll(/[[\]]/g, '').toLowerCase();
}

function mayCall(
  config: ReadableConfig,
  { links = [], dial_out: dialOut }: ReadableZone,
  domain: string,
): boolean {
  const { domains = [] } = dialOut ?? {};
  if (domains === 'any' || domains.some((allowed) => allowed?.toLowerCase() === domain)) return true;
  const zones = [...readableZones(config), ...(config.remote_zones ?? [])];
  return zones.some(
    (zone) =>
      zone?.name !== undefined &&
      links.includes(zone.name) &&
      zone.domains?.some((own) => own?.toLowerCase() === domain) === true,
  );
}
