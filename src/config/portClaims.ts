import { isIPv6 } from 'node:net';
import { uriHost } from '#kernel/index.ts';
import type { ReadableConfig, ReadableZone } from './readableConfig.ts';
import type { PathFault } from './fault.ts';

/** Ports that something will open, inclusive. */
export interface PortClaim {
  readonly transport: 'tcp' | 'udp';
  readonly address: string;
  readonly min: number;
  readonly max: number;
  readonly what: string;
  readonly path: PathFault['path'];
}

type ReadableListener = NonNullable<ReadableConfig['listener']>;

export function portClaims(listener: ReadableListener, zones: readonly ReadableZone[]): readonly PortClaim[] {
  return [...listenerClaims(listener), ...zones.flatMap(zoneClaims)];
}

/** Each clash once, at the later of the two. */
export function portClashes(claims: readonly PortClaim[]): readonly PathFault[] {
  const told = new Set<string>();
  return claims.flatMap((claim, index) => {
    const key = claim.path.join('.');
    if (told.has(key)) return [];
    const earlier = claims.slice(0, index).find((other) => overlaps(claim, other));
    if (earlier === undefined) return [];
    told.add(key);
    const message = `${claimText(claim)} overlaps ${claimText(earlier)} on ${uriHost(earlier.address)}; choose free ports`;
    return [{ path: claim.path, message }];
  });
}

function listenerClaims({ addresses = [], sip_port, https_port }: ReadableListener): readonly PortClaim[] {
  return addresses.flatMap((address) => [
    ...single('tcp', address, sip_port, 'the shared SIP port', ['listener', 'sip_port']),
    ...single('tcp', address, https_port, 'the shared HTTPS port', ['listener', 'https_port']),
  ]);
}

function zoneClaims({ name, listen = [], sip, media }: ReadableZone, index: number): readonly PortClaim[] {
  const of = `of zone ${name ?? index + 1}`;
  const path = ['zones', index];
  const own = listen.flatMap((entry, at) =>
    single('tcp', entry?.address, entry?.port, `the ${entry?.protocol ?? 'own'} port ${of}`, [
      ...path,
      ...['listen', at, 'port'],
    ]),
  );
  const cleartext = (sip?.cleartext ?? []).flatMap((entry, at) =>
    single(entry?.transport, entry?.address, entry?.port, `the cleartext SIP port ${of}`, [
      ...path,
      ...['sip', 'cleartext', at, 'port'],
    ]),
  );
  return [...own, ...cleartext, ...mediaClaims(media ?? {}, of, [...path, 'media'])];
}

function mediaClaims(
  { address, ports, webrtc_port: webrtcPort }: NonNullable<ReadableZone['media']>,
  of: string,
  path: PathFault['path'],
): readonly PortClaim[] {
  const webrtc = (['udp', 'tcp'] as const).flatMap((transport) =>
    single(transport, address, webrtcPort, `webrtc_port ${of}`, [...path, 'webrtc_port']),
  );
  const { min, max } = ports ?? {};
  if (address === undefined || min === undefined || max === undefined) return webrtc;
  const range = { transport: 'udp', address, min, max } as const;
  return [...webrtc, { ...range, what: `media.ports ${of}`, path: [...path, 'ports'] }];
}

/** None when a part of it cannot be read. */
function single(
  transport: 'tcp' | 'udp' | undefined,
  address: string | undefined,
  port: number | undefined,
  what: string,
  path: PathFault['path'],
): readonly PortClaim[] {
  if (transport === undefined || address === undefined || port === undefined) return [];
  return [{ transport, address, min: port, max: port, what, path }];
}

function overlaps(one: PortClaim, other: PortClaim): boolean {
  return (
    one.transport === other.transport &&
    one.min <= other.max &&
    other.min <= one.max &&
    meet(one.address, other.address)
  );
}

/** `::` also takes the machine's IPv4 addresses. */
function meet(one: string, other: string): boolean {
  if (one === other || one === '::' || other === '::') return true;
  return [one, other].includes('0.0.0.0') && isIPv6(one) === isIPv6(other);
}

function claimText({ min, max, transport, what }: PortClaim): string {
  return `${what} (${transport} ${min === max ? min : `${min} to ${max}`})`;
}
