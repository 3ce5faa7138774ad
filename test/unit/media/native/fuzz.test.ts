import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const runs = 20_000;

test('no argument, packet or datagram crashes the addon', { timeout: 240_000 }, async () => {
  const program = fileURLToPath(new URL('fuzzAddon.ts', import.meta.url));
  const seed = String(Math.floor(Math.random() * 2 ** 31));
  // In a process of its own: a crash is its exit by a signal, which rejects.
  const run = promisify(execFile)(process.execPath, [program, String(runs), seed], { timeout: 220_000 });
  const { stdout } = await run.catch((error: unknown) => {
    throw new Error(`fuzzing with seed ${seed} failed`, { cause: error });
  });
  // The garbage must have got past the argument checks, or nothing was tested.
  const { decoded, received } = JSON.parse(stdout) as { decoded: { opus: number }; received: number };
  expect(decoded.opus).toBeGreaterThan(100);
  expect(received).toBeGreaterThan(100);
});
