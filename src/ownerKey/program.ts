import { readFile, writeFile } from 'node:fs/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { Ipc, ZonebridgeError, parentPort } from '#kernel/index.ts';
import type { OwnerKey, OwnerKeyRequest } from './contract.ts';

/** Makes the example owner's key in a process that lives for one request, so that no key is ever in the supervisor. */
const ipc = new Ipc(parentPort(), { provide });
process.title = 'zonebridge-owner-key';
process.once('disconnect', () => {
  ipc.close();
});

async function provide({ file }: OwnerKeyRequest): Promise<OwnerKey> {
  const present = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  const text = present ?? (await made(file));
  const identity = /^AGE-SECRET-KEY-1[A-Z0-9]+$/m.exec(text)?.[0];
  if (identity === undefined) {
    throw new ZonebridgeError(
      'config-invalid',
      `${file} holds no age identity; move it away to have one made`,
    );
  }
  return { file, recipient: await identityToRecipient(identity) };
}

/** As age-keygen writes it. X25519, because the `age` of Debian 13 and older opens nothing else. */
async function made(file: string): Promise<string> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const text = `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity}\n`;
  await writeFile(file, text, { mode: 0o600, flag: 'wx' });
  return text;
}
