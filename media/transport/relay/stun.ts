import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What one ICE connectivity check (RFC 8445 §7.2.2) needs of STUN (RFC 8489): nothing else is here. */

const magicCookie = 0x2112_a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;

const attributes = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlling: 0x802a,
} as const;

/** RFC 8489 §14.7. */
const fingerprintMask = 0x5354_554e;
const headerBytes = 20;

export interface ConnectivityCheck {
  /** `theirs:ours` */
  readonly username: string;
  /** Theirs. */
  readonly password: string;
}

/** A nominating check of a controlling agent. */
export function bindingRequestOf({ username, password }: ConnectivityCheck): {
  packet: Buffer;
  transactionId: Buffer;
} {
  const transactionId = randomBytes(12);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(bindingRequest, 0);
  header.writeUInt32BE(magicCookie, 4);
  transactionId.copy(header, 8);
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(0x7eff_ffff);
  let packet = Buffer.concat([
    header,
    attribute(attributes.username, Buffer.from(username)),
    attribute(attributes.priority, priority),
    attribute(attributes.iceControlling, randomBytes(8)),
    attribute(attributes.useCandidate, Buffer.alloc(0)),
  ]);
  // The length field counts the attribute that is being computed (RFC 8489 §14.5, §14.7).
  setLength(packet, 24);
  const integrity = createHmac('sha1', password).update(packet).digest();
  packet = Buffer.concat([packet, attribute(attributes.messageIntegrity, integrity)]);
  setLength(packet, 8);
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(packet) ^ fingerprintMask) >>> 0);
  return { packet: Buffer.concat([packet, attribute(attributes.fingerprint, fingerprint)]), transactionId };
}

export function isBindingSuccess(packet: Buffer, transactionId: Buffer): boolean {
  return (
    packet.length >= headerBytes &&
    packet.readUInt16BE(0) === bindingSuccess &&
    packet.subarray(8, headerBytes).equals(transactionId)
  );
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function setLength(packet: Buffer, bytesToCome: number): void {
  packet.writeUInt16BE(packet.length - headerBytes + bytesToCome, 2);
}
