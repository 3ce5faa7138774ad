import { BlockList, SocketAddress, isIP, isIPv6 } from 'node:net';

/** Addresses and networks in CIDR form as something to ask. Throws on text that is neither. */
export function networkList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [base = '', bits] = entry.split('/');
    const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(bits), family);
  }
  return list;
}

/** Whether the address is in the list; false for text that is no address. */
export function isListed(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * IPv4 that a dual-stack socket shows as `::ffff:192.0.2.1` in its own form, IPv6 in its canonical text without zone and
 * brackets; names as they are.
 */
export function plainAddress(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const canonical = new SocketAddress({ address: bare, family: 'ipv6' }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(canonical)?.[1] ?? canonical;
}

/** True for 0.0.0.0 and ::, which a socket is bound to for all addresses of the machine. */
export function isEveryAddress(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** An address as it stands in a URI: IPv6 in brackets (RFC 3986 §3.2.2). */
export function uriHost(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

/** Who is behind an address, for limits: the address itself, or for IPv6 its /64, which one host usually has whole. */
export function sourceOf(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = plain.split('::');
  const groups = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: 8 - groups.flat().length }, () => '0');
  return [...(groups[0] ?? []), ...zeros, ...(groups[1] ?? [])].slice(0, 4).join(':');
}
