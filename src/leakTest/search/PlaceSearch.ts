import { open, readFile, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ZonebridgeError } from '#kernel/index.ts';
import { askZone } from '../../cli/askZone.ts';
import type { ServerPart } from '../serverParts.ts';
import type { Findings, Place } from './Findings.ts';
import { pieceBytes, readMemory } from './memory.ts';
import type { Searcher } from './Searcher.ts';

/** What is looked through, each kind of place in one way; the control goes through the same functions. */
export class PlaceSearch {
  readonly #searcher: Searcher;
  readonly #findings: Findings;
  readonly #buffer = Buffer.alloc(pieceBytes);

  constructor(searcher: Searcher, findings: Findings) {
    this.#searcher = searcher;
    this.#findings = findings;
  }

  bytes(bytes: Uint8Array, place: Place): void {
    this.#findings.searched(place.kind, bytes.length);
    this.#searcher.search(bytes, (marker, form) => this.#findings.add(marker, form, place));
  }

  /** Names and contents of all below a folder. `changedSinceMs`: leaves out what is older. */
  async files(folder: string, changedSinceMs = 0): Promise<void> {
    for await (const { path, isFile } of below(folder)) {
      const place: Place = { kind: 'files', detail: path };
      this.bytes(Buffer.from(path), place);
      if (isFile) await orPassedOver(path, this.#content(path, changedSinceMs, place));
    }
  }

  /** Environment, command line, title and the names of open files. */
  async process({ pid, zone, role }: ServerPart): Promise<void> {
    const place: Place = { kind: 'processes', detail: role, ...(zone === undefined ? {} : { zone }) };
    for (const file of ['environ', 'cmdline', 'comm', 'status'] as const) {
      this.bytes(await readFile(`/proc/${pid}/${file}`), place);
    }
    const fds = await readdir(`/proc/${pid}/fd`);
    const names = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
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

  /** Piece by piece: a core file is as large as the memory. */
  async #content(path: string, changedSinceMs: number, place: Place): Promise<void> {
    if ((await stat(path)).mtimeMs < changedSinceMs) return;
    await using file = await open(path, 'r');
    const { overlapBytes } = this.#searcher;
    const buffer = this.#buffer;
    for (let at = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, pieceBytes, at);
      this.bytes(buffer.subarray(0, bytesRead), place);
      if (bytesRead < pieceBytes) return;
      at += bytesRead - overlapBytes;
    }
  }
}

/** What goes away while we look, and what others on this machine keep from this user. */
const passedOver = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'];

async function* below(folder: string): AsyncGenerator<{ readonly path: string; readonly isFile: boolean }> {
  const entries = await orPassedOver(folder, readdir(folder, { withFileTypes: true }));
  for (const entry of entries ?? []) {
    const path = join(folder, entry.name);
    yield { path, isFile: entry.isFile() };
    if (entry.isDirectory()) yield* below(path);
  }
}

async function orPassedOver<T>(path: string, reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (passedOver.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new ZonebridgeError('unavailable', `${path} cannot be read`, { cause: error });
  }
}
