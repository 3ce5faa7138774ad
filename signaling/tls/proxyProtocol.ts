/** PROXY protocol version 2, as HAProxy's proxy-protocol.txt §2.2 defines it; version 1 is not taken. */

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const fixedLength = 16;
/** Room for both addresses and a balancer's usual TLVs. */
export const maxProxyHeaderBytes = 2048;

export interface PeerAddress {
  readonly address: string;
  readonly port: number;
}

/** `source` is absent for LOCAL: the balancer speaks for itself (a health check), not for a client. */
export type ProxyHeader =
  | { readonly state: 'incomplete' }
  | { readonly state: 'malformed'; readonly fault: string }
  | { readonly state: 'whole'; readonly length: number; readonly source?: PeerAddress };

/** Reads the header at the start of `bytes`, which may be cut off or go on with the client's own bytes. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  const compared = Math.min(bytes.length, signature.length);
  if (bytes.compare(signature, 0, compared, 0, compared) !== 0) return malformed('no signature');
  if (bytes.length < fixedLength) return { state: 'incomplete' };
  const length = fixedLength + bytes.readUInt16BE(14);
  if (length > maxProxyHeaderBytes) return malformed(`longer than ${maxProxyHeaderBytes} bytes`);
  if (bytes.length < length) return { state: 'incomplete' };
  const [version, command] = [bytes.readUInt8(12) >> 4, bytes.readUInt8(12) & 0x0f];
  if (version !== 2) return malformed(`version ${version}`);
  if (command === 0) return { state: 'whole', length };
  if (command !== 1) return malformed(`command ${command}`);
  return readSource(bytes.subarray(fixedLength, length), bytes.readUInt8(13), length);
}

function readSource(addresses: Buffer, family: number, length: number): ProxyHeader {
  if (family === 0x11 && addresses.length >= 12) {
    const address = [...addresses.subarray(0, 4)].join('.');
    return { state: 'whole', length, source: { address, port: addresses.readUInt16BE(8) } };
  }
  if (family === 0x21 && addresses.length >= 36) {
    const address = ipv6Text(addresses.subarray(0, 16));
    return { state: 'whole', length, source: { address, port: addresses.readUInt16BE(32) } };
  }
  return malformed(`family 0x${family.toString(16)} with ${addresses.length} bytes`);
}

/** In the form of RFC 5952. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

function malformed(fault: string): ProxyHeader {
  return { state: 'malformed', fault };
}
