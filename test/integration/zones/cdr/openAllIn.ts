import { createDecipheriv, hkdfSync } from 'node:crypto';
import { Decrypter } from 'age-encryption';

const begin = Buffer.from('age-encryption.org/v1\n');
const macLine = Buffer.from('\n--- ');
/** More than a header, and than a record or a key, has. */
const mostHeaderBytes = 4096;
const mostTextBytes = 4096;
const nonceBytes = 16;

/**
 * What an attacker reads who has these bytes and the identity: every age file that begins anywhere in them is tried with that identity, and
 * with every identity that was found so. The end of a file, and whether all of it is there, does not matter: what cannot be authenticated is
 * read as well.
 */
export async function openAllIn(bytes: Buffer, identity: string): Promise<readonly string[]> {
  const found = filesIn(bytes);
  const keys = await readEach(found, [identity]);
  const identities = keys.flatMap((text) => /AGE-SECRET-KEY-1[A-Z0-9]+/.exec(text)?.[0] ?? []);
  return [...keys, ...(await readEach(found, [...new Set(identities)]))];
}

interface SealedFile {
  readonly header: Buffer;
  readonly payload: Buffer;
}

function filesIn(bytes: Buffer): readonly SealedFile[] {
  const found: SealedFile[] = [];
  for (let at = bytes.indexOf(begin); at >= 0; at = bytes.indexOf(begin, at + 1)) {
    const mac = bytes.indexOf(macLine, at);
    const end = bytes.indexOf('\n', mac + macLine.length) + 1;
    if (mac < 0 || end <= at || end - at > mostHeaderBytes) continue;
    const payload = bytes.subarray(end, end + nonceBytes + mostTextBytes);
    found.push({ header: bytes.subarray(at, end), payload });
  }
  return found;
}

async function readEach(
  files: readonly SealedFile[],
  identities: readonly string[],
): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const identity of identities) {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    for (const { header, payload } of files) {
      const fileKey = await decrypter.decryptHeader(header).catch(() => undefined);
      if (fileKey !== undefined) texts.push(textOf(payload, fileKey));
    }
  }
  return texts;
}

/** The first and last chunk of a payload (C2SP age v1, STREAM), without its tag. */
function textOf(payload: Buffer, fileKey: Uint8Array): string {
  const nonce = payload.subarray(0, nonceBytes);
  const key = Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
  const chunk = Buffer.alloc(12);
  chunk[11] = 1;
  const decipher = createDecipheriv('chacha20-poly1305', key, chunk, { authTagLength: 16 });
  return decipher.update(payload.subarray(nonceBytes)).toString('latin1');
}
