import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { MarkerBook } from '#src/leakTest/MarkerBook.ts';
import { readMemory, regionsOf } from '#src/leakTest/search/memory.ts';
import { Searcher } from '#src/leakTest/search/Searcher.ts';
import { serverParts } from '#src/leakTest/serverParts.ts';

test('of a memory map those parts count that can be read and are not code', () => {
  const maps = [
    '00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/node',
    '00651000-00652000 r--p 00051000 08:02 173521      /usr/bin/node',
    '00652000-00655000 rw-p 00052000 08:02 173521      /usr/bin/node',
    '00e03000-00e24000 rw-p 00000000 00:00 0           [heap]',
    '35b1800000-35b1820000 ---p 00000000 00:00 0',
    '7f0000000000-7f0000021000 r--p 00000000 00:00 0 ',
    '7ffd0b1a5000-7ffd0b1a9000 r--p 00000000 00:00 0   [vvar]',
    'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]',
    '',
  ].join('\n');
  expect(regionsOf(maps).map(({ start }) => start.toString(16))).toEqual([
    '652000',
    'e03000',
    '7f0000000000',
  ]);
});

test('what another process has read is found in its memory, and what it has not read is not', async () => {
  const book = new MarkerBook();
  const read = book.plant('read', { name: 'Alice', zone: 'core' });
  book.plant('not read', { name: 'Alice', zone: 'core' });
  const program =
    "process.stdin.once('data', (data) => { globalThis.held = data.toString(); console.log('got it'); });";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  try {
    child.stdin.write(read);
    await once(child.stdout, 'data');
    const searcher = new Searcher(book.markers);
    const found = new Set<string>();
    await readMemory(child.pid ?? 0, searcher.overlapBytes, (piece) =>
      searcher.search(piece, ({ field }) => found.add(field)),
    );
    expect([...found]).toEqual(['read']);
    const [part] = await serverParts(child.pid ?? 0, '/nowhere');
    expect(part).toMatchObject({ pid: child.pid, zone: undefined });
  } finally {
    child.kill();
    await exited;
  }
});
