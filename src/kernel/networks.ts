import { BlockList, isIP, isIPv6 } from 'node:net';

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

/** An IPv4 address that a dual-stack socket shows as `::ffff:192.0.2.1`, in its own form. */
export function plainAddress(address: string): string {
  const match = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return match?.[1] ?? address;
}

/** An address as it stands in a URI: IPv6 in brackets (RFC 3986 §3.2.2). */
export function uriHost(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

/** Who is behind an address, for limits: the address itself, or for IPv6 its /64, which one host usually has whole. */
export function sourceOf(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [head = ''] = plain.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  return [...groups, '0', '0', '0', '0'].slice(0, 4).join(':');
}
