import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../bench/zoneKills.ts', import.meta.url));

test('a zone that is killed in the middle of calls has lost no record that it acknowledged', async () => {
  const { stdout } = await run(process.execPath, [program, '4']);
  expect(stdout).toContain('PASSED: nothing acknowledged is lost after 4 kills');
});
