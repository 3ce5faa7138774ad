import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const vitest = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url));
const reporter = new URL('../../../scripts/countReporter.ts', import.meta.url).href;
const imports = `import { beforeAll, describe, expect, test } from '${new URL('../../../node_modules/vitest/dist/index.js', import.meta.url).href}';`;

/** Runs vitest on the given test files and answers the count it wrote and the last line it printed. */
async function countOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zonebridge-count-'));
  try {
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, name), `${imports}\n${text}`);
    const config = `import { countReporter } from '${reporter}';
      export default { test: { reporters: [countReporter('${folder}/count')] } };`;
    writeFileSync(join(folder, 'vitest.config.mjs'), config);
    const stdout = await new Promise<string>((resolve) => {
      execFile(process.execPath, [vitest, 'run', '--root', folder], (_error, printed) => resolve(printed));
    });
    return [
      readFileSync(join(folder, 'count'), 'utf8'),
      stdout.slice(stdout.lastIndexOf('\n', stdout.length - 2) + 1),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('passed and failed tests are counted, skipped ones are neither', async () => {
  const count = await countOf({
    'a.test.mjs': `test('a', () => {}); test.skip('b', () => {}); test('c', () => expect(1).toBe(2));`,
    'b.test.mjs': `describe('d', () => { test('e', () => {}); test('f', () => {}); });`,
  });
  expect(count).toEqual(['3 passed, 1 failed\n', '3 passed, 1 failed\n']);
});

test('a file that cannot be loaded, a failing hook and an error outside every test are failures', async () => {
  const count = await countOf({
    'a.test.mjs': `import './missing.mjs';`,
    'b.test.mjs': `beforeAll(() => { throw new Error('no'); }); test('b', () => {});`,
    'c.test.mjs': `test('c', () => {}); setTimeout(() => { throw new Error('late'); }); await new Promise((r) => setTimeout(r, 20));`,
  });
  expect(count[0]).toBe('1 passed, 3 failed\n');
});
