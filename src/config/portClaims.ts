import { isIPv6 } from 'node:net';
import { uriHost } from '#kernel/index.ts';
import type { ReadableListener, ReadableZone } from './crossChecks.ts';
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
  const claims = listen.flatMap(({ address, port, protocol }, entry) =>
    single('tcp', address, port, `the ${protocol} port ${of}`, [...path, 'listen', entry, 'port']),
  );
  for (const [entry, { transport, address, port }] of (sip?.cleartext ?? []).entries()) {
    const at = [...path, 'sip', 'cleartext', entry, 'port'];
    claims.push(...single(transport, address, port, `the cleartext SIP port ${of}`, at));
  }
  if (media === undefined) return claims;
  const { address, ports, webrtc_port: webrtcPort } = media;
  for (const transport of ['udp', 'tcp'] as const) {
    claims.push(
      ...single(transport, address, webrtcPort, `webrtc_port ${of}`, [...path, 'media', 'webrtc_port']),
    );
  }
  const range = {
    transport: 'udp',
    address,
    ...ports,
    what: `media.ports ${of}`,
    path: [...path, 'media', 'ports'],
  };
  return [...claims, range as PortClaim];
}

function single(
  transport: 'tcp' | 'udp',
  address: string,
  port: number | undefined,
  what: string,
  path: PathFault['path'],
): PortClaim[] {
  return port === undefined ? [] : [{ transport, address, min: port, max: port, what, path }];
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
