import { link, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';

/** Names in a folder; none when it is not there. Throws `unavailable`: what cannot be read is not empty. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((cause: unknown) => {
    if (isMissing(cause)) return [];
    throw new ZonebridgeError('unavailable', `${folder} cannot be read`, { cause });
  });
}

/** Undefined when it is not there. Throws `unavailable`. */
export async function contentOf(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((cause: unknown) => {
    if (isMissing(cause)) return undefined;
    throw new ZonebridgeError('unavailable', `${path} cannot be read`, { cause });
  });
}

/** On disk when this resolves, also after a power cut: the file whole, under its name. */
export async function writeDurably(
  folder: string,
  name: string,
  content: Uint8Array | string,
): Promise<void> {
  const path = join(folder, name);
  await writeNew(`${path}.new`, content);
  await rename(`${path}.new`, path);
  await syncFolder(folder);
}

/** The same, and never in the place of another: throws `unavailable` when there is one of that name. */
export async function writeOnce(folder: string, name: string, content: Uint8Array | string): Promise<void> {
  const path = join(folder, name);
  await writeNew(`${path}.new`, content);
  try {
    await link(`${path}.new`, path).catch(async (error: unknown) => {
      if (!lacksLinks(error)) throw error;
      // The name is claimed instead; an empty file that a crash leaves there is nobody’s key.
      await withFile(path, 'wx', () => Promise.resolve());
      await rename(`${path}.new`, path);
    });
  } catch (cause) {
    throw new ZonebridgeError('unavailable', `${path} could not be made beside what is there`, { cause });
  } finally {
    await rm(`${path}.new`, { force: true });
  }
  await syncFolder(folder);
}

/** Of file systems that have none. */
function lacksLinks(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code);
}

export function syncFolder(folder: string): Promise<void> {
  return withFile(folder, 'r', (file) => file.sync());
}

function writeNew(path: string, content: Uint8Array | string): Promise<void> {
  return withFile(path, 'w', async (file) => {
    await file.writeFile(content);
    await file.sync();
  });
}

async function withFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
