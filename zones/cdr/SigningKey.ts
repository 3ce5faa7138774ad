import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';
import { contentOf, writeDurably } from './files.ts';

const privateFile = 'signing-key.pem';
export const publicFile = 'signing-key.pub.pem';

/** The zone's Ed25519 key, which signs heads of the chain and purge certificates. Made at the first start. */
export class SigningKey {
  readonly #key: KeyObject;

  static async open(folder: string): Promise<SigningKey> {
    const pem = await contentOf(join(folder, privateFile));
    return new SigningKey(pem === undefined ? await make(folder) : createPrivateKey(pem));
  }

  private constructor(key: KeyObject) {
    this.#key = key;
  }

  /** Base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString('base64');
  }
}

/** Which lies beside the records. Throws `not-found` and `invalid-argument`. */
export async function publicKeyOf(folder: string): Promise<KeyObject> {
  const path = join(folder, publicFile);
  const pem = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ZonebridgeError('not-found', `${path} cannot be read; without it no signature can be checked`, {
      cause,
    });
  });
  return publicKeyFrom(pem);
}

/** Throws `invalid-argument`. */
export function publicKeyFrom(pem: string): KeyObject {
  const key = parsed(pem);
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new ZonebridgeError(
    'invalid-argument',
    `the public key of a zone is an Ed25519 key in PEM; it is in ${publicFile} of its records`,
  );
}

function parsed(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

export function isSignedBy(key: KeyObject, text: string, signature: string): boolean {
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

/** What is signed of a head of the chain. */
export function headText(head: { day: string; sequence: number; hash: string; signedAt: string }): string {
  return ['zonebridge head', head.day, head.sequence, head.hash, head.signedAt].join('\n');
}

async function make(folder: string): Promise<KeyObject> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await writeDurably(folder, publicFile, publicKey.export({ type: 'spki', format: 'pem' }));
  await writeDurably(folder, privateFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return privateKey;
}
