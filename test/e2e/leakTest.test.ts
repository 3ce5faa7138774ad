import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LeakReport } from '#src/leakTest/index.ts';

interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

function leakTest(...words: readonly string[]): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const cwd = new URL('../..', import.meta.url);
  const child = execFile(
    process.execPath,
    ['src/main.ts', 'leak-test', ...words],
    { cwd, timeout: 110_000 },
    (_error, output, errors) => resolve({ exitCode: child.exitCode, output, errors }),
  );
  return promise;
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'zonebridge-leak-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('nothing that callers say gets out of their zones: no log, file, figure, process or far end has it', async () => {
  await withFolder(async (folder) => {
    const { exitCode, output, errors } = await leakTest('--short', '--json', '--keep', '--data', folder);
    expect(errors).not.toContain('could not be done');
    const report = JSON.parse(output) as LeakReport;
    expect(report.leaks).toEqual([]);
    expect(report.blindSpots).toEqual([]);
    expect(report.outcome).toBe('no leak');
    expect(exitCode).toBe(0);
    expect(report.fields).toBeGreaterThan(60);
    // The supervisor, and of each zone the host, the mixer and the media worker.
    expect(report.processes).toHaveLength(10);
    expect(report.searchedBytes.memory).toBeGreaterThan(100e6);
    expect(await readdir(folder)).toContain('data');
  });
});

test('a folder that is not empty is refused, and the exit code says that nothing was tried', async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, 'something'), '');
    const { exitCode, errors } = await leakTest('--data', folder);
    expect(exitCode).toBe(2);
    expect(errors).toContain('is not empty; name a folder that is not there yet');
    expect(await readdir(folder)).toEqual(['something']);
  });
});
