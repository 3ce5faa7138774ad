import { Command, CommanderError } from 'commander';
import { errorCodeOf, errorText } from '#kernel/index.ts';
import { addStartCommand } from './start.ts';

const exitCodes = { ok: 0, failed: 1, wrongUsageOrConfig: 2 } as const;

/** Runs one command and returns the program's exit code. `argv` is that of the process. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const program = new Command('zonebridge')
    .description('A self-hosted conferencing server whose zones keep a meeting’s data with its owner')
    .exitOverride()
    .showHelpAfterError('(see zonebridge --help)');
  addStartCommand(program);
  try {
    await program.parseAsync([...argv]);
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.wrongUsageOrConfig;
    process.stderr.write(`${errorText(error)}\n`);
    return errorCodeOf(error) === 'config-invalid' ? exitCodes.wrongUsageOrConfig : exitCodes.failed;
  }
}
