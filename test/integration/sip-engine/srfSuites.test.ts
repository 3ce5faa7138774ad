import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const runner = fileURLToPath(new URL('srf-suites/runSuite.ts', import.meta.url));

// drachtio-srf's own suites, out of its package. A suite that stops half-way is short of checks, not of failures.
const suites = [
  { name: 'uas', checks: 8 },
  { name: 'uac', checks: 19 },
  { name: 'reinvite-tests', checks: 1 },
  { name: 'refer', checks: 1 },
  { name: 'b2b', checks: 19 },
] as const;

for (const { name, checks } of suites) {
  test(`drachtio-srf's suite "${name}" passes against the embedded engine`, { timeout: 90_000 }, async () => {
    const { stdout: tap, stderr } = await run(process.execPath, [runner, name], { timeout: 80_000 }).catch(
      (error: unknown) => error as { stdout: string; stderr: string },
    );
    const failed = tap.split('\n').filter((line) => line.startsWith('not ok'));
    expect(failed).toEqual([]);
    expect(tap.match(/^ok /gm) ?? [], stderr).toHaveLength(checks);
  });
}
