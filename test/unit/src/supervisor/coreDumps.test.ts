import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('a process that keeps memory out of core dumps hands that on to what it starts', () => {
  const program = [
    `import { keepMemoryOutOfCoreDumps } from ${JSON.stringify(import.meta.resolve('#src/supervisor/coreDumps.ts'))};`,
    `import { execFileSync } from 'node:child_process';`,
    `if (keepMemoryOutOfCoreDumps() !== null) process.exit(1);`,
    `process.stdout.write(execFileSync('cat', ['/proc/self/coredump_filter']));`,
  ].join('\n');
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(stdout).toBe('00000000\n');
});
