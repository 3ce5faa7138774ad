import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ZonebridgeError, errorText } from '#kernel/index.ts';

/** A shared secret of time-based codes (RFC 6238), and how codes are made of it. */
export interface TotpSecret {
  readonly key: Uint8Array;
  readonly algorithm: 'sha1' | 'sha256';
  readonly digits: 6 | 7 | 8;
}

/** RFC 6238 §5.2 recommends 30 s; authenticator apps know nothing else. */
export const totpPeriodMs = 30_000;

/** RFC 4226 §4 R6: at least 128 bits. */
const leastKeyBytes = 16;
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Reads a secret from a file: see `parseTotpSecret`. Throws `config-invalid`. */
export async function readTotpSecret(path: string): Promise<TotpSecret> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ZonebridgeError('config-invalid', `${path}: the secret of time-based codes cannot be read`, {
      cause,
    });
  }
  try {
    return parseTotpSecret(text);
  } catch (error) {
    throw new ZonebridgeError('config-invalid', `${path}: ${errorText(error)}`);
  }
}

/**
 * A secret in base32 (RFC 4648 §6; 6 digits, SHA-1, as every authenticator app takes it), or an otpauth://totp/ address, which also says
 * `algorithm` and `digits`. Throws `config-invalid`; the message does not repeat the text.
 */
export function parseTotpSecret(text: string): TotpSecret {
  const trimmed = text.trim();
  if (!trimmed.startsWith('otpauth:')) return { key: decodeBase32(trimmed), algorithm: 'sha1', digits: 6 };
  const url = URL.canParse(trimmed) ? new URL(trimmed) : invalid('is no otpauth address that can be read');
  if (url.host !== 'totp') invalid('must be otpauth://totp/…: codes by counter are not for rooms');
  if ((url.searchParams.get('period') ?? '30') !== '30') invalid('must have a period of 30 seconds');
  return {
    key: decodeBase32(url.searchParams.get('secret') ?? ''),
    algorithm: algorithmOf(url.searchParams.get('algorithm') ?? 'SHA1'),
    digits: digitsOf(url.searchParams.get('digits') ?? '6'),
  };
}

/** The code of a time step (RFC 6238 §4.2, RFC 4226 §5.3). */
export function totpCode({ key, algorithm, digits }: TotpSecret, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac(algorithm, key).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const value = (mac.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 10 ** digits;
  return String(value).padStart(digits, '0');
}

/** Takes as long for a wrong code as for a right one. */
export function isSameCode(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function decodeBase32(text: string): Uint8Array {
  const letters = text.toUpperCase().replace(/[\s-]/g, '').replace(/=+$/, '');
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of letters) {
    const index = base32.indexOf(letter);
    if (index < 0) invalid('must be base32 (A to Z, 2 to 7), or an otpauth address');
    value = ((value << 5) | index) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes.push((value >> (bits -= 8)) & 0xff);
  }
  if (bytes.length < leastKeyBytes)
    invalid(`must have ${leastKeyBytes} bytes or more (26 letters of base32)`);
  return Uint8Array.from(bytes);
}

function algorithmOf(name: string): TotpSecret['algorithm'] {
  if (name === 'SHA1') return 'sha1';
  return name === 'SHA256' ? 'sha256' : invalid('must have algorithm SHA1 or SHA256');
}

function digitsOf(text: string): TotpSecret['digits'] {
  const digits = Number(text);
  return digits === 6 || digits === 7 || digits === 8 ? digits : invalid('must have 6, 7 or 8 digits');
}

function invalid(what: string): never {
  throw new ZonebridgeError('config-invalid', `the secret of time-based codes ${what}`);
}
