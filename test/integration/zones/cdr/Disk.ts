import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system in a file, whose every block can be read. Only root can mount it. */
export class Disk implements AsyncDisposable {
  readonly image: string;
  readonly folder: string;
  readonly #place: string;

  static async create(): Promise<Disk> {
    const disk = new Disk(await mkdtemp(join(tmpdir(), 'zonebridge-disk-')));
    await writeFile(disk.image, '');
    await truncate(disk.image, 24 * 1024 * 1024);
    await run('/usr/sbin/mke2fs', ['-q', '-t', 'ext4', disk.image]);
    await mkdir(disk.folder);
    await run('mount', ['-o', 'loop', disk.image, disk.folder]);
    return disk;
  }

  private constructor(place: string) {
    this.#place = place;
    this.image = join(place, 'image');
    this.folder = join(place, 'mounted');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', [this.folder]);
    await rm(this.#place, { recursive: true });
  }
}
