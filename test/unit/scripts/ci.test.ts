import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ci = fileURLToPath(new URL('../../../.ci', import.meta.url));

function writeCount(count: string): string {
  return `echo '${count}' > $ZONEBRIDGE_TEST_COUNT_FILE`;
}

/** Runs a copy of .ci/run where the three npm scripts are the given commands. */
async function runCi(
  typecheck: string,
  lint: string,
  tests: string,
): Promise<{ ok: boolean; lastLine: string | undefined }> {
  const folder = mkdtempSync(join(tmpdir(), 'zonebridge-ci-'));
  try {
    mkdirSync(join(folder, '.ci'));
    cpSync(ci, join(folder, '.ci'), { recursive: true });
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ scripts: { typecheck, lint, test: tests } }),
    );
    return await new Promise((resolve) => {
      execFile(join(folder, '.ci/run'), (error, stdout) => {
        resolve({ ok: error === null, lastLine: stdout.trimEnd().split('\n').at(-1) });
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test.each([
  ['all is well', 'true', 'true', writeCount('12 passed, 0 failed'), true, '12 passed, 0 failed'],
  ['types are wrong', 'false', 'true', writeCount('12 passed, 0 failed'), false, '12 passed, 0 failed'],
  ['lint complains', 'true', 'false', writeCount('12 passed, 0 failed'), false, '12 passed, 0 failed'],
  [
    'a test fails',
    'true',
    'true',
    `${writeCount('11 passed, 1 failed')}; false`,
    false,
    '11 passed, 1 failed',
  ],
  ['no test ran', 'true', 'true', writeCount('0 passed, 0 failed'), false, '0 passed, 0 failed'],
  ['the runner does not start', 'true', 'true', 'false', false, '0 passed, 0 failed'],
])(
  'the last line is the count, and only success is success: %s',
  async (_when, types, lint, tests, ok, line) => {
    expect(await runCi(types, lint, tests)).toEqual({ ok, lastLine: line });
  },
);
