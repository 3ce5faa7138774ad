/**
 * Reads the server name from a TLS opening (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2, RFC 6066 §3), which may be spread over
 * several records, and of which any part may still be missing.
 */

const recordTypeHandshake = 22;
const handshakeTypeClientHello = 1;
const extensionServerName = 0;
const nameTypeHost = 0;
const maxRecordBytes = 16_384;

export type ClientHello =
  /** Cannot be whole before this many bytes are there. */
  | { readonly state: 'incomplete'; readonly neededBytes: number }
  | { readonly state: 'not-tls' }
  | { readonly state: 'malformed' }
  /** `serverName` in lower case, as asked for; absent when none was. */
  | { readonly state: 'whole'; readonly serverName?: string };

const malformed: ClientHello = { state: 'malformed' };

export function parseClientHello(bytes: Buffer): ClientHello {
  const fragments: Buffer[] = [];
  let collected = 0;
  for (let offset = 0; ;) {
    const record = readRecord(bytes, offset);
    if ('state' in record) return record;
    fragments.push(record.fragment);
    collected += record.fragment.length;
    offset = record.end;
    if (collected < 4) continue;
    const message = Buffer.concat(fragments);
    if (message[0] !== handshakeTypeClientHello) return malformed;
    const end = 4 + message.readUIntBE(1, 3);
    if (message.length >= end) return readBody(message.subarray(4, end));
  }
}

function readRecord(bytes: Buffer, offset: number): { fragment: Buffer; end: number } | ClientHello {
  const [type, major] = [bytes[offset], bytes[offset + 1]];
  if ((type !== undefined && type !== recordTypeHandshake) || (major !== undefined && major !== 3)) {
    return offset === 0 ? { state: 'not-tls' } : malformed;
  }
  if (bytes.length < offset + 5) return { state: 'incomplete', neededBytes: offset + 5 };
  const length = bytes.readUInt16BE(offset + 3);
  if (length === 0 || length > maxRecordBytes) return malformed;
  const end = offset + 5 + length;
  if (bytes.length < end) return { state: 'incomplete', neededBytes: end };
  return { fragment: bytes.subarray(offset + 5, end), end };
}

function readBody(body: Buffer): ClientHello {
  const fixedBytes = 34; // legacy_version, random
  const sessionId = readVector(body, fixedBytes, 1);
  const ciphers = sessionId && readVector(body, sessionId.end, 2);
  const compression = ciphers && readVector(body, ciphers.end, 1);
  if (!compression || ciphers.value.length < 2 || sessionId.value.length > 32) return malformed;
  if (compression.end === body.length) return { state: 'whole' };
  const extensions = readVector(body, compression.end, 2);
  if (extensions?.end !== body.length) return malformed;
  return readExtensions(extensions.value);
}

function readExtensions(bytes: Buffer): ClientHello {
  let serverName: string | undefined;
  for (let offset = 0; offset < bytes.length;) {
    const extension = readVector(bytes, offset + 2, 2);
    if (extension === undefined) return malformed;
    if (bytes.readUInt16BE(offset) === extensionServerName) {
      if (serverName !== undefined) return malformed;
      serverName = readServerName(extension.value);
      if (serverName === undefined) return malformed;
    }
    offset = extension.end;
  }
  return serverName === undefined ? { state: 'whole' } : { state: 'whole', serverName };
}

/** A ServerNameList with one host name, the only kind that was ever defined. */
function readServerName(bytes: Buffer): string | undefined {
  const list = readVector(bytes, 0, 2);
  if (list?.end !== bytes.length || list.value[0] !== nameTypeHost) return undefined;
  const name = readVector(list.value, 1, 2);
  if (name?.end !== list.value.length) return undefined;
  const text = name.value.toString('latin1').toLowerCase();
  return /^[\x21-\x7e]{1,255}$/.test(text) ? text : undefined;
}

/** A value behind its length of `lengthBytes` bytes; undefined when it is cut off. */
function readVector(
  bytes: Buffer,
  offset: number,
  lengthBytes: 1 | 2,
): { value: Buffer; end: number } | undefined {
  const start = offset + lengthBytes;
  if (bytes.length < start) return undefined;
  const end = start + bytes.readUIntBE(offset, lengthBytes);
  return end > bytes.length ? undefined : { value: bytes.subarray(start, end), end };
}
