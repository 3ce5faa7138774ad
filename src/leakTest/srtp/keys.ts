import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { SrtpSuite } from '#kernel/index.ts';

interface SuiteLengths {
  readonly keyBytes: number;
  readonly saltBytes: number;
  readonly tagBytes: number;
}

/** RFC 7714 §12 and RFC 4568 §6.2. */
export const suiteLengths = {
  AEAD_AES_256_GCM: { keyBytes: 32, saltBytes: 12, tagBytes: 16 },
  AES_CM_128_HMAC_SHA1_80: { keyBytes: 16, saltBytes: 14, tagBytes: 10 },
} as const satisfies Record<SrtpSuite, SuiteLengths>;

/** Master key and salt together, as in SDES (RFC 4568 §6.1). */
export function masterBytes(suite: SrtpSuite): number {
  return suiteLengths[suite].keyBytes + suiteLengths[suite].saltBytes;
}

/** Key objects, because node:crypto takes several times longer with a key that it must first copy and check. */
export interface SessionKeys {
  readonly encryption: KeyObject;
  /** Not used with AEAD. */
  readonly authentication: KeyObject;
  readonly salt: Buffer;
}

const authenticationKeyBytes = 20;

/** RFC 3711 §4.3.2: labels of the derivation, for RTP and for RTCP. */
const labels = { rtp: [0, 1, 2], rtcp: [3, 4, 5] } as const;

/** Session keys from a master key and salt (RFC 3711 §4.3.1, key derivation rate 0; RFC 7714 §11). */
export function deriveSessionKeys(suite: SrtpSuite, master: Buffer, kind: 'rtp' | 'rtcp'): SessionKeys {
  const { keyBytes, saltBytes } = suiteLengths[suite];
  const key = master.subarray(0, keyBytes);
  const salt = master.subarray(keyBytes, keyBytes + saltBytes);
  const [encryption, authentication, sessionSalt] = labels[kind];
  return {
    encryption: createSecretKey(derive(key, salt, encryption, keyBytes)),
    authentication: createSecretKey(derive(key, salt, authentication, authenticationKeyBytes)),
    salt: derive(key, salt, sessionSalt, saltBytes),
  };
}

/** The AES-CM pseudo-random function of RFC 3711 §4.3.3, for any AES key size (RFC 6188). */
export function derive(key: Buffer, salt: Buffer, label: number, bytes: number): Buffer {
  // A 96-bit salt is padded with zeros on its right to the 112 bits that the function takes (RFC 7714 §11).
  const block = Buffer.alloc(16);
  salt.copy(block);
  block.writeUInt8(block.readUInt8(7) ^ label, 7);
  const cipher = createCipheriv(key.length === 32 ? 'aes-256-ctr' : 'aes-128-ctr', key, block);
  return cipher.update(Buffer.alloc(bytes));
}
