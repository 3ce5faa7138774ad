import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';
import { ZonebridgeError } from '#kernel/index.ts';

/** As RFC 9106 and OWASP advise where many may be verified at once: 19 MiB and about 30 ms each. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const saltBytes = 16;
const hashBytes = 32;

/** What can be typed on a phone; fewer than four digits are guessed at once. */
export const pinPattern = /^\d{4,16}$/;

const derive = promisify((parameters: Argon2Parameters, done: (error: Error | null, hash: Buffer) => void) =>
  argon2('argon2id', parameters, done),
);

/** PHC string of a PIN for the configuration: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. Throws `invalid-argument`. */
export async function hashPin(pin: string): Promise<string> {
  if (!pinPattern.test(pin)) {
    throw new ZonebridgeError('invalid-argument', 'a PIN has 4 to 16 digits, so that phones can type it');
  }
  const salt = randomBytes(saltBytes);
  const { memory, passes, parallelism } = cost;
  const hash = await derive({ ...cost, message: pin, nonce: salt, tagLength: hashBytes });
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
}

/** Whether it is the PIN that the hash was made of, compared in constant time. Throws `config-invalid` for what is no hash of ours. */
export async function verifyPin(pin: string, phc: string): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  if (parts === null) {
    throw new ZonebridgeError('config-invalid', 'not an argon2id hash; make one with `zonebridge hash-pin`');
  }
  const [, memory, passes, parallelism, salt = '', hash = ''] = parts;
  const expected = Buffer.from(hash, 'base64');
  const found = await derive({
    message: pin,
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  });
  return timingSafeEqual(found, expected);
}

/** Without padding, as the PHC string format has it. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
