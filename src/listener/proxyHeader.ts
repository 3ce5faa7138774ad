const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const fixedLength = 16;

export type ProxyPrefix =
  | { readonly state: 'incomplete' }
  | { readonly state: 'absent' }
  | { readonly state: 'whole'; readonly length: number };

/**
 * How long the PROXY protocol v2 header at the start of `bytes` is, to look behind it. What it says is for the zone to
 * read and to judge.
 */
export function proxyPrefix(bytes: Buffer): ProxyPrefix {
  const compared = Math.min(bytes.length, signature.length);
  if (bytes.compare(signature, 0, compared, 0, compared) !== 0) return { state: 'absent' };
  if (bytes.length < fixedLength) return { state: 'incomplete' };
  const length = fixedLength + bytes.readUInt16BE(14);
  return bytes.length < length ? { state: 'incomplete' } : { state: 'whole', length };
}
