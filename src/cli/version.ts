import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';

export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

export function addVersionCommand(program: Command): void {
  program.version(version(), '-V, --version', 'show the version');
  program
    .command('version')
    .description('show the versions of zonebridge and of Node')
    .action(() => {
      process.stdout.write(`zonebridge ${version()}, Node ${process.version}\n`);
    });
}
