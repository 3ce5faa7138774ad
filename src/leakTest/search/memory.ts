import { open, readFile, type FileHandle } from 'node:fs/promises';

/** Half-open; addresses are below 2^47, so numbers hold them. */
export interface MemoryRegion {
  readonly start: number;
  readonly end: number;
}

/** Kernel pages that cannot be read, and devices. */
const unreadable = /^(\[vvar|\[vsyscall\]|\/dev\/)/;
export const pieceBytes = 4 << 20;
const pageBytes = 4096;
const entryBytes = 8;
/** Bits 63 and 62 of an entry, in its last byte. */
const presentOrSwapped = 0xc0;

/**
 * The parts of a process's memory that can hold what it has read: all that it can read, but for files mapped without the right to write,
 * which are code. From proc_pid_maps(5).
 */
export function regionsOf(maps: string): readonly MemoryRegion[] {
  return maps.split('\n').flatMap((line) => {
    const match = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+) *(.*)$/.exec(line);
    if (match === null) return [];
    const [, start = '', end = '', rights = '', inode = '', name = ''] = match;
    const isCode = inode !== '0' && !rights.includes('w');
    if (!rights.startsWith('r') || isCode || unreadable.test(name)) return [];
    return [{ start: parseInt(start, 16), end: parseInt(end, 16) }];
  });
}

/**
 * Hands out the memory of a process piece by piece; each begins with the last `overlapBytes` of the one before. Returns how many bytes
 * were read. Throws what the kernel says when we may not read it.
 */
export async function readMemory(
  pid: number,
  overlapBytes: number,
  piece: (bytes: Buffer) => void,
): Promise<number> {
  await using memory = await open(`/proc/${pid}/mem`, 'r');
  await using pages = await open(`/proc/${pid}/pagemap`, 'r');
  const buffer = Buffer.alloc(pieceBytes);
  let sum = 0;
  for (const region of regionsOf(await readFile(`/proc/${pid}/maps`, 'utf8'))) {
    for (const { start, end } of await usedParts(region, pages)) {
      for (let at = start; at < end;) {
        const read = await readAt(memory, buffer, Math.min(pieceBytes, end - at), at);
        if (read === 0) break;
        piece(buffer.subarray(0, read));
        sum += read;
        // The end of this piece again, so that nothing is missed that lies across two.
        at += at + read < end && read > overlapBytes ? read - overlapBytes : read;
      }
    }
  }
  return sum;
}

/** Without the pages that were reserved and never touched, of which media buffers and V8 have gigabytes (pagemap of proc(5)). */
async function usedParts({ start, end }: MemoryRegion, pages: FileHandle): Promise<readonly MemoryRegion[]> {
  const entries = Buffer.alloc(((end - start) / pageBytes) * entryBytes);
  const { bytesRead } = await pages.read(entries, 0, entries.length, (start / pageBytes) * entryBytes);
  const parts: { start: number; end: number }[] = [];
  for (let page = 0; page < bytesRead / entryBytes; page += 1) {
    if ((entries.readUInt8(page * entryBytes + entryBytes - 1) & presentOrSwapped) === 0) continue;
    const at = start + page * pageBytes;
    const last = parts.at(-1);
    if (last?.end === at) last.end = at + pageBytes;
    else parts.push({ start: at, end: at + pageBytes });
  }
  return parts;
}

/** 0 for what went away since the map was read. */
async function readAt(memory: FileHandle, buffer: Buffer, length: number, at: number): Promise<number> {
  try {
    return (await memory.read(buffer, 0, length, at)).bytesRead;
  } catch (error) {
    if (['EIO', 'EFAULT', 'ENOMEM'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}
