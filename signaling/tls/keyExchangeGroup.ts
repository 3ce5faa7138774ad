/** IANA "TLS Supported Groups", by number; the names that OpenSSL and `getEphemeralKeyInfo` use. */
const groupNames: Readonly<Record<number, string>> = {
  0x0017: 'secp256r1',
  0x0018: 'secp384r1',
  0x0019: 'secp521r1',
  0x001d: 'X25519',
  0x001e: 'X448',
  0x0100: 'ffdhe2048',
  0x0101: 'ffdhe3072',
  0x0102: 'ffdhe4096',
  0x11eb: 'SecP256r1MLKEM768',
  0x11ec: 'X25519MLKEM768',
  0x11ed: 'SecP384r1MLKEM1024',
};

const sequence = 0x30;
/** `kex_group [19] EXPLICIT INTEGER` of OpenSSL's SSL_SESSION_ASN1 (ssl/ssl_asn1.c). */
const kexGroup = 0xb3;

/**
 * The group of the key exchange, from a TLS session as OpenSSL serialises it. Node's `getEphemeralKeyInfo` answers only
 * on the client's side, and a server has no other way to ask. Undefined when the session does not say (RSA key exchange).
 */
export function keyExchangeGroup(session: Buffer): string | undefined {
  const outer = readElement(session, 0);
  if (outer?.tag !== sequence) return undefined;
  for (let offset = 0; offset < outer.value.length;) {
    const element = readElement(outer.value, offset);
    if (element === undefined) return undefined;
    if (element.tag === kexGroup) return groupName(element.value);
    offset = element.end;
  }
  return undefined;
}

function groupName(explicit: Buffer): string | undefined {
  const integer = readElement(explicit, 0);
  if (integer === undefined || integer.value.length === 0 || integer.value.length > 4) return undefined;
  const group = integer.value.readUIntBE(0, integer.value.length);
  return groupNames[group] ?? `0x${group.toString(16).padStart(4, '0')}`;
}

/** One DER element with a one-byte tag. */
function readElement(bytes: Buffer, start: number): { tag: number; value: Buffer; end: number } | undefined {
  const [tag, first] = [bytes[start], bytes[start + 1]];
  if (tag === undefined || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const valueStart = start + 2 + lengthBytes;
  if (lengthBytes > 3 || first === 0x80 || valueStart > bytes.length) return undefined;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(start + 2, lengthBytes);
  const end = valueStart + length;
  return end > bytes.length ? undefined : { tag, value: bytes.subarray(valueStart, end), end };
}
