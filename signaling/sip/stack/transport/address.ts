import { SocketAddress as NodeAddress, isIPv4, isIPv6 } from 'node:net';
import type { SocketAddress } from './contract.ts';

/** IPv4-mapped IPv6 addresses as IPv4, IPv6 in its canonical text without zone and brackets; names as they are. */
export function plainAddress(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const canonical = new NodeAddress({ address: bare, family: 'ipv6' }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(canonical)?.[1] ?? canonical;
}

/** host:port as in Via and URIs: IPv6 in brackets. */
export function hostPort({ address, port }: SocketAddress): string {
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** What limits count as one peer: an IPv4 address, or an IPv6 /64, since one host has all of that. */
export function sourceOf(address: string): string {
  if (isIPv4(address) || !isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest];
  return all.slice(0, 4).join(':');
}
