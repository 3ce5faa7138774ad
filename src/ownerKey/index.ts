import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askChild } from '../askChild.ts';
import type { OwnerKey, OwnerKeyRequest } from './contract.ts';

export type { OwnerKey } from './contract.ts';

/**
 * An example of an owner, for the embedded default alone: a key for call records in DATA/owner-key.txt, made when it is not there.
 * An owner in earnest makes the key elsewhere, and only its public part ever comes to the server.
 */
export async function exampleOwnerKey(dataDir: string): Promise<OwnerKey> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const request: OwnerKeyRequest = { file: join(dataDir, 'owner-key.txt') };
  return askChild(fileURLToPath(new URL('./program.ts', import.meta.url)), 'provide', request);
}
