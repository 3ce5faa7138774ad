import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accessFault, prepareZoneFolders } from '#src/supervisor/index.ts';
import { backOffMs } from '#src/supervisor/backOff.ts';
import { childEnvironment } from '#src/supervisor/childEnvironment.ts';

class Folder implements AsyncDisposable {
  readonly path: string;

  static async create(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'zonebridge-folders-')));
  }

  private constructor(path: string) {
    this.path = path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

const stranger = { uid: 61_234, gid: 61_234 };
const isRoot = process.getuid?.() === 0;

test('a zone’s folder is closed to all but its user', async () => {
  await using data = await Folder.create();
  const folders = await prepareZoneFolders(data.path, ['core'], false);
  expect(folders.get('core')).toEqual({ path: join(data.path, 'zones', 'core') });
  expect((await stat(join(data.path, 'zones', 'core'))).mode & 0o777).toBe(0o700);
});

test.runIf(isRoot)('each zone gets a user id of its own, and keeps it', async () => {
  await using data = await Folder.create();
  const first = await prepareZoneFolders(data.path, ['core', 'meetme'], true);
  const again = await prepareZoneFolders(data.path, ['new', 'meetme', 'core'], true);
  const uids = [first.get('core'), first.get('meetme'), again.get('new')].map((folder) => folder?.user?.uid);
  expect(new Set(uids).size).toBe(3);
  for (const uid of uids) expect(uid).toBeGreaterThanOrEqual(61_000);
  expect(again.get('core')).toEqual(first.get('core'));
  for (const [name, folder] of again) {
    const path = join(data.path, 'zones', name);
    expect((await stat(path)).uid).toBe(folder.user?.uid);
    // The zone's own user owns it; what matters is that he can get there.
    expect(await accessFault(path, 'parents', folder.user ?? stranger)).toBeNull();
  }
});

test('why a user cannot read a file is told by the first thing that is closed to him', async () => {
  await using root = await Folder.create();
  const inner = join(root.path, 'inner');
  const file = join(inner, 'file');
  await mkdir(inner);
  await writeFile(file, 'x');
  await chmod(root.path, 0o755);
  await chmod(file, 0o644);
  expect(await accessFault(file, 'read', stranger)).toBeNull();
  expect(await accessFault(file, 'execute', stranger)).toBe(`${file} is closed to other users`);
  await chmod(inner, 0o700);
  expect(await accessFault(file, 'read', stranger)).toBe(`${inner} is closed to other users`);
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  expect(await accessFault(file, 'read', owner)).toBeNull();
});

test('restarts wait longer and longer, half a minute at most', () => {
  expect([1, 2, 3, 4].map(backOffMs)).toEqual([200, 400, 800, 1_600]);
  expect(backOffMs(100)).toBe(30_000);
});

test('a zone’s process gets nothing of the environment that it does not need', () => {
  const own = { PATH: '/usr/bin', TZ: 'UTC', DATABASE_PASSWORD: 'secret', HOME: '/root' };
  expect(childEnvironment(own, '/data/zones/core')).toEqual({
    PATH: '/usr/bin',
    TZ: 'UTC',
    NODE_COMPILE_CACHE: '/data/zones/core/compile-cache',
  });
});
