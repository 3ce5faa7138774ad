import {
  argon2,
  createCipheriv,
  createDecipheriv,
  randomBytes,
  randomUUID,
  type Argon2Parameters,
} from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ZonebridgeError, errorText } from '#kernel/index.ts';

/** Where a zone's accounts of SIP digest are. */
export interface DigestFiles {
  readonly usersFile: string;
  readonly secretFile: string;
  /** The zone's name; what is stored of a password holds for this realm only. */
  readonly realm: string;
}

const ha1 = z.string().regex(/^[0-9a-f]{32,64}$/);

const userPattern = /^[A-Za-z0-9._@+-]{1,64}$/;

const accountSchema = z.strictObject({
  user: z.string().regex(userPattern),
  name: z.string().min(1).max(64).optional(),
  groups: z.array(z.string().min(1).max(256)),
  /** H(A1), by algorithm: as good as the password, for this realm. */
  ha1: z.strictObject({ 'SHA-256': ha1.optional(), MD5: ha1.optional() }),
});

/** Somebody who may log in by SIP digest. */
export type DigestAccount = z.infer<typeof accountSchema>;

/** What a phone can send as its user without escaping. */
export function isDigestUser(name: string): boolean {
  return userPattern.test(name);
}

const base64 = z.base64().max(24_000_000);

const sealedSchema = z.strictObject({
  format: z.literal('zonebridge digest users 1'),
  argon2id: z.strictObject({
    memory: z.int().min(8192).max(1_048_576),
    passes: z.int().min(1).max(10),
    parallelism: z.int().min(1).max(16),
    salt: base64,
  }),
  nonce: base64,
  sealed: base64,
});

/** RFC 9106 §4, second choice. */
const cost = { memory: 65_536, passes: 3, parallelism: 4 } as const;
const tagBytes = 16;
const leastSecretBytes = 16;

const derive = promisify((parameters: Argon2Parameters, done: (error: Error | null, key: Buffer) => void) =>
  argon2('argon2id', parameters, done),
);

/** Throws `config-invalid` when a file is missing, open to others, broken, or sealed with another secret or for another zone. */
export async function readDigestUsers(files: DigestFiles): Promise<readonly DigestAccount[]> {
  const secret = await readSecret(files.secretFile);
  const text = await readText(files.usersFile);
  const { argon2id, nonce, sealed } = attempt(files.usersFile, 'is no file of digest-user', () =>
    sealedSchema.parse(JSON.parse(text)),
  );
  const key = await keyOf(secret, { ...argon2id, nonce: Buffer.from(argon2id.salt, 'base64') });
  return attempt(files.usersFile, `cannot be opened with ${files.secretFile} for this zone`, () => {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'));
    decipher.setAAD(Buffer.from(files.realm));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    const plain = Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]);
    return z.array(accountSchema).parse(JSON.parse(plain.toString()));
  });
}

/** Replaces the file in one step, readable by its owner only. Throws `config-invalid` as reading does. */
export async function writeDigestUsers(
  files: DigestFiles,
  accounts: readonly DigestAccount[],
): Promise<void> {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const key = await keyOf(await readSecret(files.secretFile), { ...cost, nonce: salt });
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(files.realm));
  const plain = JSON.stringify(z.array(accountSchema).parse(accounts));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const content = {
    format: 'zonebridge digest users 1',
    argon2id: { ...cost, salt: salt.toString('base64') },
    nonce: nonce.toString('base64'),
    sealed: sealed.toString('base64'),
  };
  const next = `${files.usersFile}.${randomUUID()}`;
  await writeFile(next, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(next, files.usersFile);
}

/** Makes a secret where there is none; true when it did. */
export async function makeDigestSecret(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readSecret(path: string): Promise<Buffer> {
  const secret = Buffer.from((await readText(path)).trim());
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new ZonebridgeError('config-invalid', `${path} can be read by others; chmod 600 ${path}`);
  }
  if (secret.length >= leastSecretBytes) return secret;
  throw new ZonebridgeError(
    'config-invalid',
    `${path} holds less than ${leastSecretBytes} characters; remove it, and digest-user add makes one`,
  );
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const text = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : errorText(error);
    throw new ZonebridgeError('config-invalid', `${path}: ${text}; zonebridge digest-user add makes it`);
  }
}

function keyOf(
  secret: Buffer,
  parameters: Pick<Argon2Parameters, 'memory' | 'passes' | 'parallelism' | 'nonce'>,
): Promise<Buffer> {
  const { memory, passes, parallelism, nonce } = parameters;
  return derive({ message: secret, nonce, memory, passes, parallelism, tagLength: 32 });
}

/** The cause stays out of the message: it may repeat what it could not read. */
function attempt<T>(path: string, fault: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new ZonebridgeError('config-invalid', `${path} ${fault}`, { cause });
  }
}
