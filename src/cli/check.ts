import type { Command } from 'commander';
import { checkFile, configInvalid, faultText } from '../config/index.ts';
import { runtimeFiles } from '../runtimeFiles.ts';

export const defaultConfigFile = 'zonebridge.yaml';

export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('say all that is wrong in a configuration file, with line and column')
    .argument('[file]', 'configuration file', defaultConfigFile)
    .action(check);
}

async function check(file: string): Promise<void> {
  const { config, faults, warnings } = await checkFile(file, runtimeFiles(process.env).inspectProgram);
  for (const warning of warnings) process.stderr.write(`warning: ${faultText(warning)}\n`);
  if (config === undefined) throw configInvalid(faults);
  process.stdout.write(`${file} is valid: ${config.zones.map(({ name }) => name).join(', ')}\n`);
}
