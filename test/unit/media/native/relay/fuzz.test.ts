import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { RelayStatistics } from '#media/native/index.ts';

const packets = 100_000;

test('no packet and no order of changes crashes the relay', { timeout: 240_000 }, async () => {
  const program = fileURLToPath(new URL('fuzzRelay.ts', import.meta.url));
  const seed = String(1 + Math.floor(Math.random() * (2 ** 31 - 2)));
  // In a process of its own: a crash is its exit by a signal, which rejects.
  const run = promisify(execFile)(process.execPath, [program, String(packets), seed], { timeout: 220_000 });
  const { stdout } = await run.catch((error: unknown) => {
    throw new Error(`fuzzing with seed ${seed} failed`, { cause: error });
  });
  const { received, rejected, foreign, sent, unsent } = JSON.parse(stdout) as RelayStatistics;
  // Some of each must have got as far as it could, or nothing was tested.
  for (const count of [received, rejected, foreign, sent, unsent]) expect(count).toBeGreaterThan(100);
  expect(received + rejected + foreign + sent + unsent).toBeGreaterThan(packets / 4);
});
