import { readFile, readdir, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { askZone } from '../../cli/askZone.ts';
import { ZonebridgeError } from '#kernel/index.ts';
import type { ServerPart } from '../serverParts.ts';
import type { Findings, Place } from './Findings.ts';
import { readMemory } from './memory.ts';
import type { Searcher } from './Searcher.ts';

/** What is looked through, each kind of place in one way; the control goes through the same functions. */
export class PlaceSearch {
  readonly #searcher: Searcher;
  readonly #findings: Findings;

  constructor(searcher: Searcher, findings: Findings) {
    this.#searcher = searcher;
    this.#findings = findings;
  }

  bytes(bytes: Uint8Array, place: Place): void {
    this.#findings.searched(place.kind, bytes.length);
    this.#searcher.search(bytes, (marker, form) => this.#findings.add(marker, form, place));
  }

  /** Names and contents of all below a folder. `changedSinceMs`: leaves out what is older. */
  async files(
    folder: string,
    options: { readonly zone?: string; readonly changedSinceMs?: number } = {},
  ): Promise<void> {
    const { zone, changedSinceMs = 0 } = options;
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const place: Place = { kind: 'files', detail: path, ...(zone === undefined ? {} : { zone }) };
      this.bytes(Buffer.from(path), place);
      const content = entry.isFile() ? await contentOf(path, changedSinceMs) : undefined;
      if (content !== undefined) this.bytes(content, place);
    }
  }

  /** Environment, command line, title and the names of open files. */
  async process({ pid, zone, role }: ServerPart): Promise<void> {
    const place: Place = { kind: 'processes', detail: role, ...(zone === undefined ? {} : { zone }) };
    for (const file of ['environ', 'cmdline', 'comm', 'status'] as const) {
      this.bytes(await readFile(`/proc/${pid}/${file}`), place);
    }
    const open = await readdir(`/proc/${pid}/fd`);
    const names = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    this.bytes(Buffer.from(names.join('\n')), place);
  }

  /** Throws `unavailable` when this user may not read it. */
  async memory({ pid, zone, role }: ServerPart): Promise<void> {
    const place: Place = { kind: 'memory', detail: role, ...(zone === undefined ? {} : { zone }) };
    const { overlapBytes } = this.#searcher;
    try {
      const read = await readMemory(pid, overlapBytes, (piece) =>
        this.#searcher.search(piece, (marker, form) => this.#findings.add(marker, form, place)),
      );
      this.#findings.searched('memory', read);
    } catch (error) {
      const mend =
        'run it as root, or set kernel.yama.ptrace_scope to 0 or 1; in a container add CAP_SYS_PTRACE';
      const message = `the memory of process ${pid} (${role}) cannot be read; ${mend}`;
      throw new ZonebridgeError('unavailable', message, { cause: error });
    }
  }

  /** What a zone tells its administrator without being asked for a name. */
  async metrics(dataDir: string, zone: string): Promise<void> {
    for (const path of ['/metrics', '/rooms']) {
      this.bytes(await askZone(dataDir, zone, path), { kind: 'metrics', zone, detail: path });
    }
  }
}

const longestFileBytes = 256 << 20;

/** Undefined for what went away meanwhile, is older, or is too large to be a file of ours. */
async function contentOf(path: string, changedSinceMs: number): Promise<Buffer | undefined> {
  try {
    const { mtimeMs, size } = await stat(path);
    return mtimeMs < changedSinceMs || size > longestFileBytes ? undefined : await readFile(path);
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new ZonebridgeError('unavailable', `${basename(path)} cannot be read`, { cause: error });
  }
}
