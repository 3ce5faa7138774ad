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
import { writeDurably } from './DayKeys.ts';

const privateFile = 'signing-key.pem';
export const publicFile = 'signing-key.pub.pem';

/** The zone's Ed25519 key, which signs heads of the chain and purge certificates. Made at the first start. */
export class SigningKey {
  readonly #key: KeyObject;

  static async open(folder: string): Promise<SigningKey> {
    const pem = await readFile(join(folder, privateFile), 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
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

export async function publicKeyOf(folder: string): Promise<KeyObject> {
  return createPublicKey(await readFile(join(folder, publicFile), 'utf8'));
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
